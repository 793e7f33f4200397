import type { CallOptions } from '../values/call.js';
import type { Capabilities, CapabilityName, Narrowing, Support } from './capabilities.js';
import type { Facets, FacetsAs } from './facets.js';
import type { Manifest } from './manifest.js';

/** What a driver gets when it is asked to open an endpoint. */
export interface OpenRequest {
  /** Which endpoint, in one of the manifest's target shapes. Never contains a secret. */
  readonly target: string;
  /** Driver-specific options as read from configuration; the driver validates them. Secrets are `Secret` values. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a driver's `open` returns: facets exactly as claimed, and the end of the session. */
export interface Session<C extends Capabilities> {
  /**
   * Typed by the manifest. A facet or member that this endpoint lacks is named in `narrowings`; it is removed before
   * anybody can call it, so drivers always return them all.
   */
  readonly facets: FacetsAs<C>;
  readonly narrowings: readonly Narrowing[];
  /** Identity of the endpoint, stable across connections: what an owner check compares before anything is deleted. */
  readonly endpointId: string;
  /** Ends connections, timers and processes. Called once. Pending calls end with `DRIVER.CLOSED` or `HOST.CONNECTION_LOST`. */
  close(): Promise<void>;
}

/** A driver as its author writes it. Give it to `defineDriver`. */
export interface DriverDefinition<M extends Manifest = Manifest> {
  readonly manifest: M;
  /**
   * Connects. Errors: `REQUEST.INVALID` (target or options), `HOST.UNREACHABLE`, `ACCESS.DENIED` (the message says which
   * group, policy or privilege is missing), `ACCESS.UNAUTHENTICATED`.
   */
  open(request: OpenRequest, options: CallOptions): Promise<Session<M['capabilities']>>;
}

/** A driver that can be opened: what a driver package exports as `driver`. */
export interface Driver<M extends Manifest = Manifest> {
  readonly manifest: M;
  open(
    request: { readonly target: string; readonly options?: Readonly<Record<string, unknown>> },
    options?: CallOptions,
  ): Promise<OpenDriver>;
}

/** A driver connected to an endpoint. Every facet validates its input, maps errors and honours `CallOptions`. */
export interface OpenDriver extends Facets {
  readonly manifest: Manifest;
  readonly target: string;
  /** Identity of the endpoint, stable across connections. */
  readonly endpointId: string;
  /** The manifest's capabilities, narrowed by what this endpoint can do. Frozen. */
  readonly capabilities: Capabilities;
  readonly narrowings: readonly Narrowing[];
  /** What the endpoint can do for this capability, or undefined. */
  supports(capability: CapabilityName): Support | undefined;
  /** Ends the session. May be called twice. Afterwards every call gives `DRIVER.CLOSED`. */
  close(): Promise<void>;
}
