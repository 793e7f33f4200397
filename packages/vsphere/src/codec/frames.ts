import type { DataType, Field } from '../schema/schema.js';
import type { Primitive } from './primitive.js';

/** What is being built while its element is open. */
export interface Frame {
  /** The field of an element within it; undefined for one that nobody knows. */
  field(name: string): Field | undefined;
  text(value: string): void;
  /** A finished element within it. */
  accept(field: Field, value: unknown): void;
  /** The value of the element. */
  value(): unknown;
}

/** An element whose content is not needed: one that a newer server added. */
export const SKIPPED: Frame = {
  field: () => undefined,
  text: () => undefined,
  accept: () => undefined,
  value: () => undefined,
};

/** A primitive, an enumeration or a reference: what has text and nothing within. */
export class TextFrame implements Frame {
  private content = '';
  constructor(private readonly read: (text: string) => unknown) {}

  field(): undefined {
    return undefined;
  }

  text(value: string): void {
    this.content = this.content === '' ? value : this.content + value;
  }

  accept(): void {}

  value(): unknown {
    return this.read(this.content);
  }
}

/** A data object: its fields become members; `$type` is set where descendants exist or anything may stand. */
export class ObjectFrame implements Frame {
  private readonly made: Record<string, unknown>;

  constructor(
    private readonly type: DataType,
    name: string,
  ) {
    this.made = { $type: name };
  }

  field(name: string): Field | undefined {
    return this.type.byName.get(name);
  }

  text(): void {}

  accept(field: Field, value: unknown): void {
    if (!field.array) {
      this.made[field.name] = value;
      return;
    }
    const list = this.made[field.name];
    if (Array.isArray(list)) list.push(value);
    else this.made[field.name] = [value];
  }

  value(): unknown {
    for (const name of this.type.requiredLists) this.made[name] ??= [];
    return this.made;
  }
}

/** An `ArrayOf…` in a place where anything may stand: a list, whatever its elements are called. */
export class ListFrame implements Frame {
  private readonly items: unknown[] = [];
  private readonly element: Field;

  constructor(type: string) {
    this.element = { name: '', type, array: true, optional: true };
  }

  field(): Field {
    return this.element;
  }

  text(): void {}

  accept(_field: Field, value: unknown): void {
    this.items.push(value);
  }

  value(): readonly unknown[] {
    return this.items;
  }
}

/** One field of a document's frame: the result of a call, given away when it is there. */
export class FieldsFrame implements Frame {
  constructor(
    private readonly fields: ReadonlyMap<string, Field>,
    private readonly take: (field: Field, value: unknown) => void,
  ) {}

  field(name: string): Field | undefined {
    return this.fields.get(name);
  }

  text(): void {}

  accept(field: Field, value: unknown): void {
    this.take(field, value);
  }

  value(): undefined {
    return undefined;
  }
}

/** The value of an `any`: a primitive, a reference, a data object or a list of these. */
export type AnyValue = Primitive | object | readonly AnyValue[];
