import { apiVersion } from './behaviours/api-version.js';
import { languages } from './behaviours/languages.js';
import { listings } from './behaviours/listings.js';
import { looks } from './behaviours/looks.js';
import { manager, type ServiceContent } from './behaviours/service-content.js';
import { readProperty } from './behaviours/simulator-objects.js';
import { tasks, type Tasks } from './behaviours/tasks.js';
import { updates } from './behaviours/updates.js';
import type { Handler } from './chain/handler.js';
import type { Upstream } from './chain/upstream.js';
import type { PlainHandler } from './server/plain-requests.js';
import { defaultSettings, type Settings } from './settings.js';
import type { Call } from './soap/call.js';
import type { VcsimProxyOptions } from './vcsim-proxy.js';

/** What stands between the strict check and the simulator. */
export interface Parts {
  readonly handlers: readonly Handler[];
  readonly plainHandlers: readonly PlainHandler[];
  readonly tasks: Tasks;
  readonly settings: Settings;
  readonly shimmed: ReadonlySet<string>;
}

export function chainOf(given: {
  readonly upstream: Upstream;
  readonly content: ServiceContent;
  readonly options: VcsimProxyOptions;
}): Parts {
  const { upstream, content } = given;
  const settings: Settings = { ...defaultSettings(), ...given.options.settings };
  const sessionManager = manager(content, 'sessionManager');
  const own = tasks(upstream, settings, manager(content, 'rootFolder'));
  const isAlive = async (call: Call) =>
    (await readProperty(upstream, call, sessionManager, 'currentSession').catch(() => undefined)) !== undefined;
  const overlays = [own.overlay];
  return {
    tasks: own,
    settings,
    shimmed: new Set(),
    plainHandlers: [],
    handlers: [
      languages(settings),
      apiVersion,
      own.handler,
      looks(own),
      updates(settings, own, overlays),
      listings(settings, overlays, isAlive),
    ],
  };
}
