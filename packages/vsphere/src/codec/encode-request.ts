import type { Method } from '../schema/schema.js';
import type { Reference } from '../schema/reference.js';
import { escapeXml } from '../xml/escape.js';
import { encodeFields } from './encode-value.js';

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';

/**
 * A call as a SOAP request. `header` is the content of the SOAP header, already XML.
 * @throws VsphereError `INVALID_ARGUMENT` for a field that is missing, unknown, or not of its type
 */
export function encodeRequest(method: Method, target: Reference, parameters: object, header = ''): string {
  const self = `<_this type="${escapeXml(target.type, '_this')}">${escapeXml(target.value, '_this')}</_this>`;
  const body = encodeFields(method.parameters, parameters, method.name);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<soapenv:Envelope xmlns:soapenv="${ENVELOPE}" xmlns:xsd="http://www.w3.org/2001/XMLSchema"`,
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
    header === '' ? '' : `<soapenv:Header>${header}</soapenv:Header>`,
    `<soapenv:Body><${method.name} xmlns="urn:${method.service}">${self}${body}</${method.name}></soapenv:Body>`,
    '</soapenv:Envelope>',
  ].join('');
}
