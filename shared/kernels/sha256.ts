/**
 * SHA-256 (FIPS 180-4), the compression of whole blocks only; padding and the rest are `sealed/crypto/sha256-kernel.ts`. The message
 * schedule stays in locals, which engines keep in registers: twice the speed of the portable one, and no SIMD needed.
 */

/** Eight words of state; the caller writes them before and reads them after. */
const STATE: usize = 512;

const K: usize = memory.data<u32>(
  [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
  ],
  16,
);

function big1(e: u32): u32 {
  return rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
}
function big0(a: u32): u32 {
  return rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
}
function small0(x: u32): u32 {
  return rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >>> 3);
}
function small1(x: u32): u32 {
  return rotr<u32>(x, 17) ^ rotr<u32>(x, 19) ^ (x >>> 10);
}
function choose(e: u32, f: u32, g: u32): u32 {
  return g ^ (e & (f ^ g));
}
function majority(a: u32, b: u32, c: u32): u32 {
  return (a & b) | (c & (a | b));
}
function word(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

/** Takes `blocks` blocks of 64 bytes from `at`. */
export function compress(at: usize, blocks: u32): void {
  let a0 = load<u32>(STATE, 0);
  let b0 = load<u32>(STATE, 4);
  let c0 = load<u32>(STATE, 8);
  let d0 = load<u32>(STATE, 12);
  let e0 = load<u32>(STATE, 16);
  let f0 = load<u32>(STATE, 20);
  let g0 = load<u32>(STATE, 24);
  let h0 = load<u32>(STATE, 28);
  for (; blocks > 0; blocks--) {
    let a = a0;
    let b = b0;
    let c = c0;
    let d = d0;
    let e = e0;
    let f = f0;
    let g = g0;
    let h = h0;
    let t: u32;
    let w0 = word(at + 0);
    t = h + big1(e) + choose(e, f, g) + load<u32>(K, 0) + w0;
    d += t;
    h = t + big0(a) + majority(a, b, c);
    let w1 = word(at + 4);
    t = g + big1(d) + choose(d, e, f) + load<u32>(K, 4) + w1;
    c += t;
    g = t + big0(h) + majority(h, a, b);
    let w2 = word(at + 8);
    t = f + big1(c) + choose(c, d, e) + load<u32>(K, 8) + w2;
    b += t;
    f = t + big0(g) + majority(g, h, a);
    let w3 = word(at + 12);
    t = e + big1(b) + choose(b, c, d) + load<u32>(K, 12) + w3;
    a += t;
    e = t + big0(f) + majority(f, g, h);
    let w4 = word(at + 16);
    t = d + big1(a) + choose(a, b, c) + load<u32>(K, 16) + w4;
    h += t;
    d = t + big0(e) + majority(e, f, g);
    let w5 = word(at + 20);
    t = c + big1(h) + choose(h, a, b) + load<u32>(K, 20) + w5;
    g += t;
    c = t + big0(d) + majority(d, e, f);
    let w6 = word(at + 24);
    t = b + big1(g) + choose(g, h, a) + load<u32>(K, 24) + w6;
    f += t;
    b = t + big0(c) + majority(c, d, e);
    let w7 = word(at + 28);
    t = a + big1(f) + choose(f, g, h) + load<u32>(K, 28) + w7;
    e += t;
    a = t + big0(b) + majority(b, c, d);
    let w8 = word(at + 32);
    t = h + big1(e) + choose(e, f, g) + load<u32>(K, 32) + w8;
    d += t;
    h = t + big0(a) + majority(a, b, c);
    let w9 = word(at + 36);
    t = g + big1(d) + choose(d, e, f) + load<u32>(K, 36) + w9;
    c += t;
    g = t + big0(h) + majority(h, a, b);
    let w10 = word(at + 40);
    t = f + big1(c) + choose(c, d, e) + load<u32>(K, 40) + w10;
    b += t;
    f = t + big0(g) + majority(g, h, a);
    let w11 = word(at + 44);
    t = e + big1(b) + choose(b, c, d) + load<u32>(K, 44) + w11;
    a += t;
    e = t + big0(f) + majority(f, g, h);
    let w12 = word(at + 48);
    t = d + big1(a) + choose(a, b, c) + load<u32>(K, 48) + w12;
    h += t;
    d = t + big0(e) + majority(e, f, g);
    let w13 = word(at + 52);
    t = c + big1(h) + choose(h, a, b) + load<u32>(K, 52) + w13;
    g += t;
    c = t + big0(d) + majority(d, e, f);
    let w14 = word(at + 56);
    t = b + big1(g) + choose(g, h, a) + load<u32>(K, 56) + w14;
    f += t;
    b = t + big0(c) + majority(c, d, e);
    let w15 = word(at + 60);
    t = a + big1(f) + choose(f, g, h) + load<u32>(K, 60) + w15;
    e += t;
    a = t + big0(b) + majority(b, c, d);
    at += 64;
    for (let k: usize = K + 64; k < K + 256; k += 64) {
      w0 += small0(w1) + w9 + small1(w14);
      t = h + big1(e) + choose(e, f, g) + load<u32>(k, 0) + w0;
      d += t;
      h = t + big0(a) + majority(a, b, c);
      w1 += small0(w2) + w10 + small1(w15);
      t = g + big1(d) + choose(d, e, f) + load<u32>(k, 4) + w1;
      c += t;
      g = t + big0(h) + majority(h, a, b);
      w2 += small0(w3) + w11 + small1(w0);
      t = f + big1(c) + choose(c, d, e) + load<u32>(k, 8) + w2;
      b += t;
      f = t + big0(g) + majority(g, h, a);
      w3 += small0(w4) + w12 + small1(w1);
      t = e + big1(b) + choose(b, c, d) + load<u32>(k, 12) + w3;
      a += t;
      e = t + big0(f) + majority(f, g, h);
      w4 += small0(w5) + w13 + small1(w2);
      t = d + big1(a) + choose(a, b, c) + load<u32>(k, 16) + w4;
      h += t;
      d = t + big0(e) + majority(e, f, g);
      w5 += small0(w6) + w14 + small1(w3);
      t = c + big1(h) + choose(h, a, b) + load<u32>(k, 20) + w5;
      g += t;
      c = t + big0(d) + majority(d, e, f);
      w6 += small0(w7) + w15 + small1(w4);
      t = b + big1(g) + choose(g, h, a) + load<u32>(k, 24) + w6;
      f += t;
      b = t + big0(c) + majority(c, d, e);
      w7 += small0(w8) + w0 + small1(w5);
      t = a + big1(f) + choose(f, g, h) + load<u32>(k, 28) + w7;
      e += t;
      a = t + big0(b) + majority(b, c, d);
      w8 += small0(w9) + w1 + small1(w6);
      t = h + big1(e) + choose(e, f, g) + load<u32>(k, 32) + w8;
      d += t;
      h = t + big0(a) + majority(a, b, c);
      w9 += small0(w10) + w2 + small1(w7);
      t = g + big1(d) + choose(d, e, f) + load<u32>(k, 36) + w9;
      c += t;
      g = t + big0(h) + majority(h, a, b);
      w10 += small0(w11) + w3 + small1(w8);
      t = f + big1(c) + choose(c, d, e) + load<u32>(k, 40) + w10;
      b += t;
      f = t + big0(g) + majority(g, h, a);
      w11 += small0(w12) + w4 + small1(w9);
      t = e + big1(b) + choose(b, c, d) + load<u32>(k, 44) + w11;
      a += t;
      e = t + big0(f) + majority(f, g, h);
      w12 += small0(w13) + w5 + small1(w10);
      t = d + big1(a) + choose(a, b, c) + load<u32>(k, 48) + w12;
      h += t;
      d = t + big0(e) + majority(e, f, g);
      w13 += small0(w14) + w6 + small1(w11);
      t = c + big1(h) + choose(h, a, b) + load<u32>(k, 52) + w13;
      g += t;
      c = t + big0(d) + majority(d, e, f);
      w14 += small0(w15) + w7 + small1(w12);
      t = b + big1(g) + choose(g, h, a) + load<u32>(k, 56) + w14;
      f += t;
      b = t + big0(c) + majority(c, d, e);
      w15 += small0(w0) + w8 + small1(w13);
      t = a + big1(f) + choose(f, g, h) + load<u32>(k, 60) + w15;
      e += t;
      a = t + big0(b) + majority(b, c, d);
    }
    a0 += a;
    b0 += b;
    c0 += c;
    d0 += d;
    e0 += e;
    f0 += f;
    g0 += g;
    h0 += h;
  }
  store<u32>(STATE, a0, 0);
  store<u32>(STATE, b0, 4);
  store<u32>(STATE, c0, 8);
  store<u32>(STATE, d0, 12);
  store<u32>(STATE, e0, 16);
  store<u32>(STATE, f0, 20);
  store<u32>(STATE, g0, 24);
  store<u32>(STATE, h0, 28);
}
