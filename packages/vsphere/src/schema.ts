export {
  dataType,
  enumeration,
  isSubtype,
  managedObject,
  methodNamed,
  methodNames,
  type DataType,
  type Field,
  type Method,
} from './schema/schema.js';
