import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { invokeTask, readProperty } from '../behaviours/simulator-objects.js';
import type { Handler, Next } from '../chain/handler.js';
import type { PlainHandler } from '../server/plain-requests.js';
import { Refusal, plainShim, referenceIn, requirePower, requireTools, type ShimTools } from '../shims/shim.js';
import { resultAnswer, type Answer } from '../soap/answer.js';
import type { StandInLog } from '../shims/stand-in-log.js';
import type { Call, Reference } from '../soap/call.js';
import { child, element, textOf, typed, type Element } from '../xml/element.js';
import { newGuest, type SimulatedGuest } from './guest.js';
import { operations, type HandedOut } from './operations.js';

/** Long enough for whoever watches to see that a guest was away. */
const BOOT_MS = 500;

/**
 * Guests with VMware Tools in every machine that has a disk and power, for as long as the setting `guests` is there:
 * the simulators have none. What is proven with them is simulated by us.
 */
export function guests(
  tools: ShimTools,
  log: StandInLog,
): { readonly handler: Handler; readonly plainHandler: PlainHandler; close(): void } {
  const booting = new Set<NodeJS.Timeout>();
  const inside = new Map<string, SimulatedGuest>();
  const handedOut = new Map<string, HandedOut>();

  const handOut = (file: HandedOut): string => {
    const token = randomBytes(12).toString('hex');
    handedOut.set(token, file);
    return `https://*:443/guestFile?id=1&token=${token}`;
  };

  /** The guest that a call is about, for an account that it has. */
  async function enter(call: Call): Promise<SimulatedGuest> {
    const machine = referenceIn(call.operation, 'vm') ?? { type: 'VirtualMachine', value: '' };
    await requirePower(tools, call, machine, 'poweredOn');
    await requireTools(tools, call, machine).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal({ type: 'GuestOperationsUnavailable', message: 'The guest operations agent does not answer.' });
    });
    const guest = guestOf(machine);
    const auth = child(call.operation, 'auth');
    const [user, password] = [textOf(auth, 'username') ?? '', textOf(auth, 'password')];
    if (guest.accounts.get(user) !== password)
      throw new Refusal({ type: 'InvalidGuestLogin', message: 'Failed to authenticate with the guest.' });
    return guest;
  }

  function guestOf({ value }: Reference): SimulatedGuest {
    const { username = '', password = '' } = tools.settings.guests ?? {};
    const guest = inside.get(value) ?? newGuest(username, password);
    inside.set(value, guest);
    return guest;
  }

  /** The simulators turn off whatever is asked, also where nobody is. */
  async function shutDown(call: Call, next: Next): Promise<Answer> {
    const answered = await plainShim(async (asked) => {
      await requirePower(tools, asked, asked.self, 'poweredOn');
      await requireTools(tools, asked, asked.self);
      return resultAnswer(asked.method);
    })(call);
    const isRefused = answered.status !== 200;
    if (isRefused || tools.settings.guests?.deaf) log.add(call.method);
    return isRefused || tools.settings.guests?.deaf ? answered : next(call);
  }

  /** Its Tools are gone for a while, and the machine has power throughout. */
  async function reboot(call: Call): Promise<void> {
    await tellTools(call, false);
    const timer = setTimeout(() => {
      booting.delete(timer);
      void comeBack(call);
    }, BOOT_MS);
    booting.add(timer);
  }

  async function comeBack(call: Call): Promise<void> {
    const state = await readProperty(tools.upstream, call, call.self, 'runtime.powerState').catch(() => undefined);
    if (state?.text === 'poweredOn') await boot(call, call.method);
  }

  async function boot(call: Call, method: string): Promise<void> {
    const devices = await readProperty(tools.upstream, call, call.self, 'config.hardware.device').catch(
      () => undefined,
    );
    const hasDisk = devices?.children.some(({ dataType }) => dataType?.name === 'VirtualDisk') ?? false;
    await tellTools(call, method !== 'PowerOffVM_Task' && hasDisk);
  }

  /** A machine that is gone by now, or busy, keeps what it says of its Tools. */
  async function tellTools(call: Call, run: boolean): Promise<void> {
    await invokeTask(tools.upstream, call, call.self, 'ReconfigVM_Task', [
      element('spec', [
        option('guest.toolsRunningStatus', run ? 'guestToolsRunning' : 'guestToolsNotRunning'),
        option('guest.guestFamily', 'linuxGuest'),
        option('guest.guestFullName', 'Made-up Linux'),
        option('guest.hostName', 'made-up'),
      ]),
    ]).catch(() => undefined);
  }

  return {
    close: () => booting.forEach((timer) => clearTimeout(timer)),
    async handler(call, next) {
      if (!tools.settings.guests) return next(call);
      if (call.method === 'ShutdownGuest') return shutDown(call, next);
      if (call.method === 'RebootGuest') {
        const answer = await next(call);
        if (answer.status === 200) await reboot(call);
        log.add(call.method);
        return answer;
      }
      if (/^(PowerOn|PowerOff|Reset)VM_Task$/.test(call.method)) {
        const answer = await next(call);
        await boot(call, call.method);
        return answer;
      }
      const operation = Object.hasOwn(operations, call.method) ? operations[call.method] : undefined;
      if (!operation || !/^Guest(File|Process)Manager$/.test(call.self.type)) return next(call);
      log.add(call.method);
      return plainShim(async (asked) => operation(asked, await enter(asked), handOut))(call);
    },
    async plainHandler(request, response) {
      const url = new URL(request.url ?? '/', 'http://proxy');
      if (url.pathname !== '/guestFile' || !tools.settings.guests) return false;
      const token = url.searchParams.get('token') ?? '';
      const file = handedOut.get(token);
      handedOut.delete(token);
      const wanted = request.method === 'PUT' ? 'to' : 'from';
      if (file?.direction !== wanted) {
        request.resume();
        response.writeHead(404).end();
      } else if (wanted === 'from') {
        response.writeHead(200, { 'content-length': file.size }).end(file.guest.files.get(file.path));
      } else {
        const content = await buffer(request);
        const fits = content.length === file.size;
        if (fits) file.guest.files.set(file.path, content);
        response.writeHead(fits ? 200 : 400).end();
      }
      return true;
    },
  };
}

/** A property that the simulators set by an extra option. */
const option = (path: string, value: string): Element =>
  typed('extraConfig', 'OptionValue', [
    element('key', `SET.${path}`),
    element('value', value, { dataType: { namespace: 'http://www.w3.org/2001/XMLSchema', name: 'string' } }),
  ]);
