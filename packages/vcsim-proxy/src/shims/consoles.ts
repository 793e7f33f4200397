import { randomBytes } from 'node:crypto';
import { datacenters, readProperty } from '../behaviours/simulator-objects.js';
import { resultAnswer } from '../soap/answer.js';
import type { Call } from '../soap/call.js';
import { element, primitive } from '../xml/element.js';
import { managerOf, plainShim, requiredText, requirePower, taskShim, type Shims, type ShimTools } from './shim.js';

/** A picture of one black pixel. */
const screenshot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);

/** Consoles and pictures, of machines that have no screen. */
export function consoleShims(tools: ShimTools): Shims {
  const { upstream } = tools;
  const ticket = plainShim(async (call) => {
    await requirePower(tools, call, call.self, 'poweredOn');
    const value = randomBytes(8).toString('hex');
    const kind = call.method === 'AcquireMksTicket' ? 'mks' : requiredText(call.operation, 'ticketType');
    const url = kind === 'webmks' ? [element('url', `wss://127.0.0.1:443/ticket/${value}`)] : [];
    const place = [element('host', '127.0.0.1'), element('port', kind === 'webmks' ? 443 : 902)];
    const content = [element('ticket', value), element('cfgFile', '/vmfs/volumes/simulated.vmx'), ...place, ...url];
    return resultAnswer(call.method, [element('returnval', content)]);
  });
  return {
    AcquireTicket: ticket,
    AcquireMksTicket: ticket,
    CreateScreenshot_Task: taskShim(tools, async (call) => {
      await requirePower(tools, call, call.self, 'poweredOn');
      const path = await screenshotPath(tools, call);
      const [, datastore = '', file = ''] = /^\[(.*?)\] (.*)$/.exec(path) ?? [];
      const [datacenter] = await datacenters(upstream, call, managerOf(tools, 'rootFolder'));
      const dcPath = datacenter && (await readProperty(upstream, call, datacenter, 'name'))?.text;
      const query = new URLSearchParams({ dcPath: dcPath ?? '', dsName: datastore });
      const answer = await upstream.stream(
        {
          method: 'PUT',
          path: `/folder/${file.split('/').map(encodeURIComponent).join('/')}?${query.toString()}`,
          headers: { cookie: call.headers.cookie, 'content-length': screenshot.length },
        },
        screenshot,
      );
      answer.resume();
      return primitive('result', 'string', path);
    }),
  };
}

/** Beside the machine's own files. */
async function screenshotPath({ upstream }: ShimTools, call: Call): Promise<string> {
  const file = await readProperty(upstream, call, call.self, 'config.files.vmPathName');
  return (file?.text ?? '[LocalDS_0] x.vmx').replace(/[^/\] ]*$/, `screenshot-${randomBytes(4).toString('hex')}.png`);
}
