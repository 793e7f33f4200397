import type { AnyMethodFault, DataTypeMap, LocalizedMethodFault } from '../gen/data-types.gen.js';
import { isSubtype } from '../schema/schema.js';

/** The names of the faults that the tables know; a newer server may send others. */
export type FaultName = Exclude<AnyMethodFault['$type'], undefined>;

/** A fault of the server: of a call, or of the task that it began. Branch on `faultType` or `isFault`, never on the message. */
export class VsphereFault extends Error {
  override readonly name = 'VsphereFault';
  /** The data of the fault; `$type` is its type. */
  readonly fault: AnyMethodFault;
  readonly faultType: string;
  /** The method or, for a failed task, the task's description id. */
  readonly method: string;

  constructor(method: string, fault: AnyMethodFault, text: string | undefined) {
    const type: string = fault.$type ?? 'MethodFault';
    super(text ? `${method}: ${type}: ${text}` : `${method}: ${type}.`);
    this.fault = fault;
    this.faultType = type;
    this.method = method;
  }
}

/** By structure, not `instanceof`: the ESM and the CommonJS build may both be loaded in one process. */
export function isVsphereFault(error: unknown): error is VsphereFault {
  return error instanceof Error && error.name === 'VsphereFault' && 'faultType' in error;
}

/** Whether an error is a fault of a type or of one that descends from it. */
export function isFault<N extends FaultName>(
  error: unknown,
  type: N,
): error is VsphereFault & { readonly fault: DataTypeMap[N] } {
  return isVsphereFault(error) && (error.faultType === type || isSubtype(error.faultType, type));
}

/** The error of a fault that came as data, for example in a task's info. */
export function faultOf(method: string, { fault, localizedMessage }: LocalizedMethodFault): VsphereFault {
  return new VsphereFault(method, fault, localizedMessage);
}
