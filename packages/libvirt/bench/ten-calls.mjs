// A program of ten calls, for the size that a user's bundle grows by.
import {
  connectGetCapabilities,
  connectListAllDomains,
  domainCreateWithFlags,
  domainDefineXmlFlags,
  domainDestroyFlags,
  domainEvents,
  domainGetInfo,
  domainGetXmlDesc,
  domainUndefineFlags,
  openConnection,
  storageVolUpload,
} from '../dist/index.js';

const connection = await openConnection(process.argv[2]);
const domain = await domainDefineXmlFlags(connection, await connectGetCapabilities(connection));
await domainEvents(connection, ['lifecycle']);
await domainCreateWithFlags(connection, domain);
console.log(
  await connectListAllDomains(connection),
  await domainGetInfo(connection, domain),
  await domainGetXmlDesc(connection, domain),
);
await domainDestroyFlags(connection, domain);
await domainUndefineFlags(connection, domain);
await storageVolUpload(connection, { pool: 'p', name: 'v', key: 'k' }, 0n, 0n);
