declare const brand: unique symbol;

/** A type that only its own parser can make: `Brand<string, "OrgId">` is a string nobody else can pretend to have checked. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Ciphertext (an age file): may leave the device. */
export type Sealed = Brand<Uint8Array<ArrayBuffer>, 'Sealed'>;

/** Epoch milliseconds, UTC. */
export type Ms = number;
