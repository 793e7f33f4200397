const STEP = 'one step of the migration protocol between two daemons, for which this program stands in as client.';
const OLD = 'an older form of the migration protocol.';

/** @type {Record<string, string>} */
export const DOMAIN_MIGRATE = {
  domainMigratePrepare: `Makes the destination ready; ${OLD}`,
  domainMigratePerform: `Moves the domain; ${OLD}`,
  domainMigrateFinish: `Starts the domain on the destination; ${OLD}`,
  domainMigratePrepare2: `Makes the destination ready; ${OLD}`,
  domainMigrateFinish2: `Starts the domain on the destination or cleans up; ${OLD}`,
  domainMigratePrepareTunnel: `Makes the destination ready to receive the domain through this stream; ${OLD}`,
  domainMigrateBegin3: `Asks the source for the domain's XML and cookie; ${OLD}`,
  domainMigratePrepare3: `Makes the destination ready; ${OLD}`,
  domainMigratePrepareTunnel3: `Makes the destination ready to receive the domain through this stream; ${OLD}`,
  domainMigratePerform3: `Moves the domain; ${OLD}`,
  domainMigrateFinish3: `Starts the domain on the destination or cleans up; ${OLD}`,
  domainMigrateConfirm3: `Ends or resumes the domain on the source; ${OLD}`,
  domainMigrateBegin3Params: `Asks the source for the domain's XML and cookie: ${STEP}`,
  domainMigratePrepare3Params: `Makes the destination ready: ${STEP}`,
  domainMigratePrepareTunnel3Params: `Makes the destination ready to receive the domain through this stream: ${STEP}`,
  domainMigratePerform3Params:
    'Moves the domain: with `DomainMigrateFlags.Peer2peer` all of a migration, which the source then leads; `dconnuri` is how it reaches the destination.',
  domainMigrateFinish3Params: `Starts the domain on the destination or cleans up: ${STEP}`,
  domainMigrateConfirm3Params: `Ends or resumes the domain on the source: ${STEP}`,
  domainMigrateSetMaxDowntime: 'Sets how long a domain may stand still at the end of a migration, in milliseconds.',
  domainMigrateGetMaxDowntime: 'Tells how long a domain may stand still at the end of a migration, in milliseconds.',
  domainMigrateSetMaxSpeed: 'Limits migrations of a domain, in MiB/s.',
  domainMigrateGetMaxSpeed: 'Tells the limit for migrations of a domain, in MiB/s.',
  domainMigrateGetCompressionCache: 'Tells the size of the compression cache of migrations, in bytes.',
  domainMigrateSetCompressionCache: 'Sets the size of the compression cache of migrations, in bytes.',
  domainMigrateStartPostCopy:
    'Lets a running migration finish on the destination, which fetches the rest of memory as it needs it.',
};
