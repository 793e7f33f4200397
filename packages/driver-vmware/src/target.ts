import { DriverError } from '@virt-drivers/core';

/** What a target names. */
export interface Target {
  /** `https://host:port`, for the client. */
  readonly url: string;
  readonly host: string;
  readonly username?: string;
  /** Name of a datacenter, to see nothing but that one. */
  readonly datacenter?: string;
}

/** Takes `vsphere://[user@]host[:port][/datacenter]` apart. Errors: `REQUEST.INVALID`. */
export function parseTarget(target: string): Target {
  const scheme = /^vsphere(\+http)?:\/\//.exec(target);
  const secure = scheme?.[1] === undefined;
  const text = target.replace(/^vsphere(\+http)?:/, secure ? 'https:' : 'http:');
  if (!scheme || !URL.canParse(text)) throw invalid(withoutPassword(target));
  const url = new URL(text);
  if (url.password !== '') {
    throw new DriverError(
      'REQUEST.INVALID',
      `Target ${withoutPassword(target)} contains a password. Give it as option password or passwordFile.`,
    );
  }
  const datacenter = decodeURIComponent(url.pathname.replace(/^\/+|\/+$/g, ''));
  if (url.search !== '' || url.hash !== '') throw invalid(withoutPassword(target));
  return {
    url: url.origin,
    host: url.host,
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(datacenter !== '' && { datacenter }),
  };
}

const withoutPassword = (target: string): string => target.replace(/:[^/@:]*@/, ':…@');

const invalid = (target: string): DriverError =>
  new DriverError(
    'REQUEST.INVALID',
    `Target ${target} is not of the form vsphere://[user@]host[:port][/datacenter], for example vsphere://vcenter.example.org.`,
  );
