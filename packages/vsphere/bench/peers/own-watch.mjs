// Watches all machines while another client changes one: own-watch.mjs URL; tells how long that took and what was told.
import { readFileSync } from 'node:fs';
import { connect } from '../../dist/index.js';

const [url] = process.argv.slice(2);
const { VSPHERE_USER: username, VSPHERE_PASSWORD: password, VSPHERE_CA: ca } = process.env;
const options = { url, credentials: { username, password }, tls: { ca: readFileSync(ca, 'utf8') } };
const [watcher, actor] = await Promise.all([connect(options), connect(options)]);
const request = { from: watcher.content.rootFolder, type: 'VirtualMachine', paths: ['name', 'runtime.powerState'] };
let known = 0;
let machine;
let changed = 0;
let told = 0;
let milliseconds;
for await (const update of watcher.properties.watch(request, { deadline: new Date(Date.now() + 600_000) })) {
  if (update.kind === 'enter') {
    known++;
    machine ??= update.ref;
  } else if (update.kind === 'current') {
    await actor.run(machine, 'PowerOffVM_Task', {});
    changed = performance.now();
    // What else comes within this time would be counted too.
    setTimeout(() => actor.invoke(machine, 'Rename_Task', { newName: 'the last one' }), 1_500);
  } else {
    told++;
    milliseconds ??= performance.now() - changed;
    if (update.properties.name === 'the last one') break;
  }
}
await Promise.all([watcher.close(), actor.close()]);
process.stdout.write(JSON.stringify({ known, told, milliseconds: Math.max(0, milliseconds) }));
