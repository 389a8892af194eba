/** What the server can tell of a sealed file: that it begins like one (C2SP age v1). It never accepts anything else. */
import { utf8 } from '@sealpost/shared/base/bytes';

const AGE_HEADER = utf8('age-encryption.org/v1\n');

/** The shortest thing that could be one; anything real is longer. */
export const MIN_AGE_BYTES = AGE_HEADER.length;

/** True if `bytes` (the beginning of a file) begins like an age file. */
export function isAgeFile(bytes: Uint8Array): boolean {
  return bytes.length >= AGE_HEADER.length && AGE_HEADER.every((byte, at) => bytes[at] === byte);
}
