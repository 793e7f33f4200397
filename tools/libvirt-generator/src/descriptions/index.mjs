import { CONNECT } from './connect.mjs';
import { DOMAIN } from './domain.mjs';
import { DOMAIN_MIGRATE } from './domain-migrate.mjs';
import { DOMAIN_PROPERTIES } from './domain-properties.mjs';
import { HOST } from './host.mjs';
import { NETWORK } from './network.mjs';
import { STORAGE } from './storage.mjs';

/** Our own line for each public function, by its name. @type {Record<string, string>} */
export const DESCRIPTIONS = {
  ...CONNECT,
  ...DOMAIN,
  ...DOMAIN_MIGRATE,
  ...DOMAIN_PROPERTIES,
  ...HOST,
  ...NETWORK,
  ...STORAGE,
};
