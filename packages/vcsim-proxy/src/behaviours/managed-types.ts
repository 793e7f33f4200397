import { managedObject } from '@virt-drivers/vsphere/schema';

/** Whether a kind of managed object is another or descends from it; true for kinds that the tables do not have. */
export function isManaged(type: string, ancestor: string): boolean {
  if (type === ancestor || ancestor === 'ManagedObject') return true;
  const found = managedObject(type);
  if (!found || !managedObject(ancestor)) return true;
  return found.parent !== undefined && isKnownBelow(found.parent, ancestor);
}

function isKnownBelow(type: string, ancestor: string): boolean {
  if (type === ancestor) return true;
  const parent = managedObject(type)?.parent;
  return parent !== undefined && isKnownBelow(parent, ancestor);
}
