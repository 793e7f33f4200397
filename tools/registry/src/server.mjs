// The process that serves packages: it is told its configuration, says its port, and ends with whoever started it.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { runServer } from 'verdaccio';

const { folder, uplink, own } = (await once(process, 'message'))[0];
const storage = `${folder}/storage`;
const open = { access: '$all', publish: '$all', unpublish: '$all' };
const server = await runServer({
  self_path: storage,
  storage,
  uplinks: uplink ? { uplink: { url: uplink, cache: true, maxage: '10m' } } : {},
  packages: {
    // Ours never come from elsewhere: a stranger's package with such a name must not be installed instead.
    ...Object.fromEntries(own.map((pattern) => [pattern, open])),
    '**': uplink ? { ...open, proxy: 'uplink' } : open,
  },
  auth: { htpasswd: { file: `${storage}/users`, max_users: -1 } },
  security: { api: { legacy: true } },
  max_body_size: '100mb',
  web: { enable: false },
  log: { type: 'stdout', format: 'pretty', level: 'error' },
});
process.once('disconnect', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
