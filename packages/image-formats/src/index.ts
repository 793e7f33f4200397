export { bytesInMemory, bytesOfHandle, withFile, type ByteSource } from './byte-source.js';
export { inspectImage } from './inspector/inspect-image.js';
export type { FormatFindings, ImageFormat, ImageInspection, ImageProblem } from './inspector/inspection.js';
