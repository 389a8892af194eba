/**
 * Archives made by 7-Zip 26.02 from made-up logs of two machines (the second's folder has a Thai name, each 20 credentials and a system
 * file) and a list of 300 lines, all of moe.example; and rar archives put together byte by byte, since no free tool packs them: stored
 * entries alone, as the format notes of RAR 4.20 and 5.0 describe them.
 */
import { parseBase64url } from '../../../base/base64url.ts';
import { concatBytes, utf8 } from '../../../base/bytes.ts';
import { crc32 } from '../../../base/crc32.ts';

/** Credentials in each of the 7z archives. */
export const ARCHIVED_RECORDS = 340;

/** `7z a -mx=9`: one solid block. */
export const SOLID_7Z = fromBase64(
  'N3q8ryccAARRjk0VyAMAAAAAAAAjAAAAAAAAAEABANzgTp8C9F0AKpSFmct1X3rLbTvMGd4o3y9k/HrgKzSLdlNgQHHTsqlVINloefUUJk9bmJBxZHYunBd2eL80SeK4C2KKB8cwLy62XOFIcGNe8UgeyAO6qIyToG6HEFRxHCfIPOanO68zL5XbJmdCSQWH6ZoAZJh+R2O2HM5LJAvkg+c7dOxLc2qkMLTHhBv25jNwoSmaUP+l3W4RtmWAFJRTu5erJO/r0HcDfS5AAFJ1bir6bhUeWbQwqTpIJMwDfBzyLBZcQ6GOLwu3M+SKcNbbe9IcB2YF5QquCdnysIDGtk75+UC9tC1I14chz/USpXNyuK3ms7iGJ89nA/EbpuPxhOBLeUJHd5OF0WLDOsAFPHShWxymIqmlCK+P+X+u1ZLjvrUJE1GPuF7bTeItSJh3gJARr2GQ25szS07sre7/41jXsLwzcUDSBQDsxXBhaRZYG2Gj2ikt7pc4ivFyzXpk26pGrZlN3gZNSggbPclMd/nb23fc+GAr5ArXmcaA8XGFNSI79k2BA2hrONN7udIDDfX6bM6HYKafL4ccPOSiH9TkVJAjyKn7kadLbgV+m6jpaYsMKj2wIXqd/uwLgPR9QTKHTh8w2HD+00Rcto/YJAPxyRNoTGrnl0EUu1ZQShIeJoMfcyqAVuyKxNKpQRYucz1ckxCn7xpRpYGZv3kMMUmjpI2Upr9IOZM72dHQmGuExCjGGtTAYlZtpfaOxnmtJ+ik6JOzyks8hBT4D+B8BQooLtXnxR7PBSVEjGcbWnPxNOT/wICsbjrAi+vcx9tZLbU6yaR0YKoFcPle3B5J+iz9AM+1v/oWFlnsgfv5TC/Y91KL4+qUy7HPmUh9NfG7kuEZJ4p7iaCl2PHV7rnjHbUWJb4SnIs3KQdfo/Mwf+ZFCUH3UfUc5+LxhRQ1zatCc025lb9b8C7EuD/8L9orzzMopL5LxEseyK8aSSnOZFIsSfvSZ5HD2IG1N22T8mx1U/lI1Co+FvFiqZk3zHNXydSwMOJBYetKPY68AAAAgTMHrg/VSGfh1yVHVwXTGtNswBh4wkNWUXP2TlcL9TcZ8q1UiZWK+Kcutj70bAKbJOzucijnQ4Tu8GSAUxkgEzd+acv5eUD1xYj8Ev6ySp4PrR+WKKAAiIW0ZA6pMlp9XT5vdSZHlqg7ODhQ5E0m6Bv2FfF+PXLPIEMEU0wPJr1aHjonTAIq4UrNLZrYm0PQtFQC52oVqhaIYnvwQ8+HcKpbpGNLoXgmS1J0MFvZEWMIo04FmEdM9qLxtdmeWFD6qKUxLFNZKIAAABcGgvwBCYDMAAcLAQABIwMBAQVdABAAAAyBggoBZK0RqQAA',
);
/** `7z a -ms=off`: a block for each file. */
export const SPLIT_7Z = fromBase64(
  'N3q8ryccAASp74r9XgUAAAAAAAAjAAAAAAAAAJmkabjgBeUA0V0AKpSFmct1X3rLbTvMGd4o3y9k/HrgKzSLdlNgQHHTsqlVINloefUUJk9bmJBxZHYunBd2eL80SeK4C2KKB8cwLy62XOFIcGNe8UgeyAO6qIyToG6HEFRxHCfIPOanO68zL5XbJmdCSQWH6ZoAZJh+R2O2HM5LJAvkg+c7dOxLc2qkMLTHhBv24SWMY3wGLuQCdRJOWMkp9fxgzfDyZRE/H3WqodACVDS/0axsrw9PXmZebJtbpcgofwLj2jM4+a81h8F0gGBOVvZ4J5Oe7h/lRwAAAQA6TWFjaGluZU5hbWU6IFBDLTAKSFdJRDogSDAKTG9jYWwgRGF0ZTogMzAuMDcuMjAyNSAxMzoxOToyNQoA4EJdAlldADQdLOB1c+8My26Zp83SelIQfa01MOX5Xwg7Y1ksYxE2Mk5HG2ON5WbqfdUMZQOj8fwzIxvVJxE5FR1rQ/hZ6/mrA6LGPOQDkIN+ZlRqENskSSFv+ndvy09tyPDi9goQYBCMX+c3GbBYeMbIHedSxgoBo0Zx8bXTSvFBTJz7ttlePNSMCjPnyDmHfXkDCznAnbz43PJcK5J/qmol2Ffebcc8qpcrUPGnUP4qDLauGaruWE/vW5rrqMHA2vNZX94s2wJXVjgYa4nRi4QPxl6LzjQZqQVyqOSvdc67nU48AIRs2FYoqPRNRCCyk4WrUDjmEfgVb+5luinQrOuhqYjblNgo9N0iBV/narmd8hDeCSOGJA2HWSZwkDH5KVYTA8K4Z2KdOJE1yE7z6bsMVyJKRmZiqbn6IBO4eQmNEpYHhc0Kkyu2aIR6oZ1wiPfB5qmhrzFmuJyT4lA6TJzahg6wCSICPpGzEpKZbjJw+g0+XR6ZdWHh0C7+mDM6A5Q7pk54n5I9nRFlFydX2a2dhnwocXp08bH4HKwmZ2HaetmAj2RKHivx+f4odO3GRbrft73NkVmsZVYaE0gD6Oaq4AQ5YwNUNcLZFdC8sIk2VdqN0a8mCsVeVN9ciJkfqZojkNk8k4D5+vPQNdkvTPscEGXZo2KggpS3sc0ZLxMjVRpdBcUTQ1LxwAai+LXc9ko5wUFekZrVTpBW7YP2n0bxKwtE4K1CxKNAy4mVwzUD8xZcWaHlOypo39svRMl7c03759jQBeVa2c3FidtOZee5IZm7K8Ia7vMWS6pCAAAA4AXlANBdACqUhZnLdV96y207zBneKN8vZPx64Cs0i3ZTYEBx07KpVSDZaHn1FCZPXF95Bvb0RveBmLnkw31rot17x894gneuNkJ89N2UKU6Mt1Zhum66+TV/lOAvcDMmZQcjeHfb3YQc2Vk7ekPRnnR2gFh94g5q/hxr+XhPBanAWgVMRg0y0XGmWVP585DUlIpdC311jRGFeOlPau3qGZawqQcJUSTWwqtVyeyKVVFxBRGRpoic19drRXEB37lmU4rCKTeCNMc9StZNDUi08R/dewJtmgAAAQA6TWFjaGluZU5hbWU6IFBDLTEKSFdJRDogSDEKTG9jYWwgRGF0ZTogMzAuMDcuMjAyNSAxMzoxOToyNQoAAACBMweujphy745DcguvAqpXapPEaLUAql9CzMug1z4h8uu+D2nvcQ/d5nnrhI2yC6ozb5mIk4J+Vgj/9eGAAYHGaS7cFJjDKxeO4AHs3oUCaWDnp3OwXlMxT/yRjizAhZ5qhLvWvZjoxTqpjKwN4AmvTy4xspza689B5qjKz0YUKtCb2wji3TQWgervt+VcxJbe3X6eY7AkegwWqxrYqD2UUgBQXN8c7dX8iucOYjtzM5N7yGA8new7IWF1QvkzcME7/7kmVNvA0MH/AAAXBoSQAQmAzgAHCwEAASMDAQEFXQAQAAAMgZIKAY67LyUAAA==',
);
/** `7z a -mx=9 -pright`: contents encrypted. */
export const LOCKED_7Z = fromBase64(
  'N3q8ryccAARL+8Ma5AMAAAAAAAAjAAAAAAAAAGP0Vdy9EoKBFr4jU+hn2a7onWqyEeAEv0FBvwYoikdOMh3CZvcVNpooEztfPvuVj6VSn81a0j43WrxsHipQexHAO1vn4MUmpy1AlQKimtWGpodwA3NU2c/OLU+NtoYGVZPZ4c51N1JfHVpZtqoKBg/E4Wr4hRLjke5eJbsHuGKjXMpY0IzZujMv8HJSaJi2iiZLEz+q8zmgfGMQ0ceTXOFhcvDcRbZmA97Ing00zrNHZZ8pBAkyOwrHUJNsXzvBW1TKu+rHf5oEdI42lZOv/qgGew2mUjLxaf7Aq9oYpxSm6Uql8IqPrL7ydzgAkoKd4/dIoWIw9WWiBVdT/YulgIv0A0fJTLk0ls1ztBG4sPP+KgoO76McOFDmi1dTISEsTrq/oQUGwUqMMZOSVajnh9w114uD4BWy4pLiJ/CDjyWoLMmo8PBUa10iqN5wVmA1+84yHU0JVOIJSWYdC9JG63KAJYDiXP57xR9d5d1CHsoaQf48ZLqRg6+CU5fXxz632uYPHfbcde/y9jKmZCIdn360sL10ZAgoJRF174Ih7BlGmfjdBGkoe9HGVAgkTUj/jwhmf3ozSk++xjNWPzGGiFDT10CWzWg9C/6qIRfkZDaLjjXv6cbP8i9X/Y/uSeZMd0mLEG/wUJOH3V76oto40E0zltkDnMzUb9cM1Vf4tD6uzDD6Cptsfikl/wkdtnA2MC3brTM+MQSjzr+y0VNi8cQ+c+bZ57qcrx4Vbc4PKUkOGAwt9pnYSEYM7WfVhNAzKLjME9DkeEgA5E7D8ty07RWOXnb//emMO1lduJcdTUw1EW9FBu/5q7qr1TaWdeFvZ3dH3gMQIQlhXV6ok6F2Gyw7kIMi+wrbzOsZNuebQZEcqT6qdxNIWA7KqvtG/hD/6FYgpS0kRJGNGN0SNz+ndCHYhYQ6Udq2MsQ82qW6T+CzD3FCq2Qar9eM+QJBVITcEitZuBpPQ9/JHThsya69zK8ZZDUfi/0A5pwKtTv4lQW+VIZ7WIqjqJ4mouCk0ijblLYzcSoAAIEzB64P1U3XKbGdaSToGxDerM4SDLgSnBaw8t4QsYLF5q9lr4olqQd28RkQDxaIpKjd8bipPYQUDY/+qMk4jVlvXN1mt/ez0Z0uvOBj4zLTkZtkQ7fPuQzQwjfWwfFMXlXIn7NIADLc64TGAkWcH7oNYjl3t4ZWrl/vdpHFbfMzMqzOlJ2ZuJqdnLu84YT5jBt966Cw/sX0VEBCKxb1X9WVhuYmuDFt46kTPEu4ZQ7wFrnxmsERgOUgSJtrk0ptKSCM7f5e4pdn3E1h5rKqqLDyuXTNVvBdrbjydYD2fgoAAAAXBoMAAQmA5AAHCwEAASMDAQEFXQAQAAAMgZIKATkn9nwAAA==',
);
/** `7z a -mx=9 -pright -mhe=on`: names, too. */
export const HIDDEN_7Z = fromBase64(
  'N3q8ryccAAShFKh28AMAAAAAAAA/AAAAAAAAAA2YYuJNxu1EfMxoEITZEVkGjgZwEMOhM4paJtoLc3vUBi52+lFI+bL1M1UNeLwMxtpyfB14BXrRcHwffQ0OqaRKAKoH2wyxoS/rbxprJhp4nzFebtOSUGpC6xma1Lw60a4DSwPpgs+YaoukHoIaAx2OYzQ18kAP8MJq6Mj5Ev8UHmtfcl1dLHVVrURv1HNP8TA8bwBvWoDJtKktnzVL/th0UAYfME4bqDmgqWuqlJVcW13ALOHsmNScbhzSoFibYddvTuLUZe5Kj+QcEioSnT3u8tqmMTIjkHmEY+tECnTYbVp/oABde+1couQyXzWwBkphyGJvihKjYp3/g27MYnqTB+Bk5I3rgNdLJRWgjqvVczII9VNySJyl2vgBsuQKwTqksbcpLXfl2yis+IbCNXXtPlOwEEZ8hGc7fui2UwqFXoumydwPrK3Qd7d0a4jscYaBOB7D6sr+PexdENLB7W2Ay/b1MDcupXvyol5+u6dR97HHQlZaEia1m9eSAfWwwWw5O63IHnkjCeDtp46NxUfVjU685uqXYKiGox0tFc2d12vn903QUKb7y/Wj6o4vE5lccLyrk9e7ktGMRJmwaVpt+945gTiNyzIvcnd0EYJEW0sfOLcYSgSKdG8tz8aOBNlqdNRmPodNSHu1YlxCeVJXplea3XmFE0KDQG+eXtUbBs1ICyQ20BI+L3gtQ1xM2WyAsejbs4x698cTzIg0Riik9/Nek8gpRY8f1T5MQuVuAe/ZnT4NTmNhgCiP3GuUs2+1aA9/4rBzM5NkU1iN8kC/D6GfZG7cbKLWRpwnBhoF5AAa1fwP6iLTYO+t8YXAukbktlBxfoNclpCZ+9tpFWzcYq2IuC8yc12EzmQ5da50wp0S4KWeyIOnxYq52ZJuNmBqdXnnde/aXBm93Q0AEXbRqkUP3NoPvqdD2fIIyk+ePCdgk1ODWCGHKGcONejI7SKwMDt2YPigDS39HbtaD98f/0p92N1Tii0zzcRXFjUPcsZ3ePypMZlzO8VmcnuEybuhbR0801C7rRZIHqyKP+8vRYba2MZdMyA0wkD3RFa/5M+VddHT3jIZ+Fx+OJ8po3aUWQbur/paAgz8oWIymnbALI8zrAoM9VBEVXYUqs3raEBKgS1H61gD55yC1gpiEQToaleMi28tiK8Rb+Ta4wYkFmRDtl58gjt2I95JpFeSQazccqgnJz+8U/azABXAKYAb9o1V/vaNMrpXBTnbOPMsz0L64/QzTx03/gpDad5Ac3sxrFemq3VYWPDnypehltO4OXSlPEIJHFwSor80Zlgmb5NQuY/7bxlG3zfUU7Z5MRhv8Z9vkUvG0Px802R5EDRXqp8XBoMAAQmA8AAHCwEAAiQG8QcBElMP7N8moGW9++Y1HKJqI59MqSMDAQEFXQAQAAABAAyA5IGSCgH+kuFlAAA=',
);

/** Credentials in each file of the two below. */
export const RARE_RECORDS = 20;
/** `7z a -m0=BCJ2 -m1=LZMA:d23 -m2=LZMA:d19 -m3=LZMA:d19 -mb0:1 -mb0s1:2 -mb0s2:3 -psecret`: four streams, each encrypted. */
export const FOUR_STREAMS_7Z = fromBase64(
  'N3q8ryccAASxi5ndUAAAAAAAAAD6AAAAAAAAAEpNIezMTPNEXBZalXvrw7sD4hfQsPvC74znXHvCqm3xVWR/Ctt0CAeZUv1JcxxzXGKTSKfbMfWaaXZ//YS6xPlho4mO5A9wbc9kPC7+ucgqZwyvbgEEBgAECSAQEBAABwsBAAgkBvEHARJTD/q0rw5Jy7IbN7ZKIf9q4FEkBvEHARJTDzLjBHonF3fmBWgkyjYvRH0kBvEHARJTD0I7Lc4nqZXXF4aaAkDq7qEkBvEHARJTD7pYAYPQzz+lknN/9d7FSpkjAwEBBV0AEAAAIwMBAQVdABAAACMDAQEFXQAQAAAUAwMBGwQBBAAFAQoCBgMJBAgFBwYDAgEADAUFBRwAAIFogWgACAoBcDwtEgAABQEZDQAAAAAAAAAAAAAAAAAREwBtAC8AcwAxAC4AdAB4AHQAAAAZABQKAQCnBmZB733dARUGAQAggKSBAAA=',
);
/** `7z a -m0=PPMd -psecret`, two files. */
export const PPMD_7Z = fromBase64(
  'N3q8ryccAAQZ6Tk1sAAAAAAAAAAiAAAAAAAAAJQYcHC59VsmrEsZ8TU/iBmYr0q/KCAPidNm/jJdnp68jpxL23S2UrosmOi5+6l1NUJbxHIAAIEzB64P0QDUPKCKabDjxAD69FhUvcJdO28pjt3emuTdFvnw38IJkWRAhEEBYPYHr2N/BqKvD6V4pMUGvGkK7dO7Jyb4VMn8qDUAFYxXFytAMss2tPNdamv32H6280CKL6QrKgtrTIW3orcaiHyPHqxtX1Zj5gwN3BNTngAAABcGMAEJgIAABwsBAAEjAwEBBV0AEAAADICWCgEGkAjMAAA=',
);

/** A file in a rar. */
export interface RarFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Stored entries in the layout of RAR 4 (technote.txt of RAR 4.20). */
export function storedRar4(files: readonly RarFile[]): Uint8Array<ArrayBuffer> {
  const withCrc = (header: Uint8Array): Uint8Array => {
    const sum = crc32(header.subarray(2)) & 0xffff;
    header.set([sum & 255, sum >> 8]);
    return header;
  };
  const parts = [utf8('Rar!\u001a\u0007\0'), withCrc(new Uint8Array([0, 0, 0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0]))];
  for (const { name, content } of files) {
    const header = new Uint8Array(32 + name.length);
    const view = new DataView(header.buffer);
    header[2] = 0x74;
    view.setUint16(3, 0x8000, true);
    view.setUint16(5, header.length, true);
    view.setUint32(7, content.length, true);
    view.setUint32(11, content.length, true);
    header[15] = 3;
    view.setUint32(16, crc32(content), true);
    view.setUint32(20, 0x58210000, true);
    header[24] = 20;
    header[25] = 0x30;
    view.setUint16(26, name.length, true);
    view.setUint32(28, 0o100644, true);
    header.set(utf8(name), 32);
    parts.push(withCrc(header), content);
  }
  return concatBytes(...parts, withCrc(new Uint8Array([0, 0, 0x7b, 0, 0x40, 7, 0])));
}

/** Stored entries in the layout of RAR 5 (technote.txt of RAR 5.0); `isSolid` as the archive's flags say. */
export function storedRar5(files: readonly RarFile[], isSolid = false): Uint8Array<ArrayBuffer> {
  const block = (
    type: number,
    flags: number,
    fields: Uint8Array,
    content: Uint8Array = new Uint8Array(),
  ): Uint8Array => {
    const sizes = content.length > 0 ? vint(content.length) : new Uint8Array();
    const body = concatBytes(vint(type), vint(flags), sizes, fields);
    const checked = concatBytes(vint(body.length), body);
    return concatBytes(uint32(crc32(checked)), checked, content);
  };
  const parts = [utf8('Rar!\u001a\u0007\u0001\0'), block(1, 0, vint(isSolid ? 4 : 0))];
  for (const { name, content } of files) {
    const shown = utf8(name);
    const fields = concatBytes(
      ...[vint(4), vint(content.length), vint(0o100644), uint32(crc32(content)), vint(0), vint(1), vint(shown.length)],
      shown,
    );
    parts.push(block(2, 2, fields, content));
  }
  return concatBytes(...parts, block(5, 0, vint(0)));
}

function vint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return new Uint8Array([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
  return bytes;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const url = text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');
  const bytes = parseBase64url(url);
  if (bytes === null) throw new Error('no base64');
  return bytes;
}
