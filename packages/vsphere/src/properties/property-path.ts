import type { PropertyMap } from '../gen/properties.gen.js';

/** A managed object whose properties the tables know. */
export type ManagedObjectName = keyof PropertyMap;

type TopLevel<T extends ManagedObjectName> = keyof PropertyMap[T] & string;

/**
 * A path of an object's property: `name`, `config.hardware.device`, `config.hardware.device[1000].backing`.
 * Its first step is checked by the compiler.
 */
export type PropertyPath<T extends ManagedObjectName> =
  | TopLevel<T>
  | `${TopLevel<T>}.${string}`
  | `${TopLevel<T>}[${string}`;

type Member<O, K extends string> = O extends unknown ? (K extends keyof O ? NonNullable<O[K]> : never) : never;
type Walk<O, P extends string> = P extends `${infer K}.${infer Rest}` ? Walk<Member<O, K>, Rest> : Member<O, P>;
type Known<V> = [V] extends [never] ? unknown : V;

/** The type of the value at a path; `unknown` where the path has keys in it or leaves what the tables know. */
export type PropertyValue<T extends ManagedObjectName, P extends string> = Known<Walk<PropertyMap[T], P>>;

/** The values that an object has at some paths. A property that is not set is absent. */
export type PropertyValues<T extends ManagedObjectName, P extends string> = {
  readonly [K in P]?: PropertyValue<T, K>;
};
