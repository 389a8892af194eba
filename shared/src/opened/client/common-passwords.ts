import { parseBase64 } from '../../base/base64.ts';
import { utf8 } from '../../base/bytes.ts';

/**
 * The passwords that people choose most, as far as they are long enough to be taken for a passphrase: 1557 of ten characters
 * and more out of 49,233. Only hashes stand here (FNV-1a, 32 bits), for nobody needs to read them; one passphrase in 2.7 million
 * is refused by chance. Source: passwords.json of @zxcvbn-ts/language-common 4.1.3 (MIT), in NFC and lower case.
 */
const HASHES =
  'AAbymgAJTY8AVQ8OAImS4wCU/RoAzMotAOCbaQDp0iABFQKxAZbxrQGyx6AB4KrTAgqoQQKLQOQCybj4AtfpdwLi+dgDFQXXA0dangNvUpADf1ZN' +
  'A5zBbQPDAw4D1cmpA+WzDAQZXskEGwJgBCc74gRjrEMEuXWMBNa3bgU3PpMFRa8CBXmhkQWhPxwFqQWvBamOgAXWXwMF89OzBfU0AgYUu44GPuq5' +
  'Ble5wgan1UwGrOfWBrmLywbW810HF8yzBzxNZAealpQHoe2/B73rcAgkkjcIQyGRCNuoxQkaOjkJpcFkCd36Vwn/xvkKCwV5ChYtUAq8wB0K//VX' +
  'CyDb2QtYmioLeqvxC7dUSAvKJ78L+dfBC/nvYwwF1jkMFRQCDEvGQwxWzKIMfItADJSvJwy5BSENfoXHDYR8Ug40zQMOopVBDqn9vQ7GOqsO06ge' +
  'DwA0Bw8YoikPSfqiD3bAiw+HUDAP8sEfELkO/RC6cHkQ+AATEXoJ0xGM+u8RkC+fEZvoOhGxGvERuiPLEcDnNRHLrW8SNxLDEp7nHBK8DmUSzQG7' +
  'Es/FzRLdPx8TAysCExOEahNC0wETvPTtE8J4khPowKQT8SRdFAfyqBRVvw0UVpcMFGoY1xSHCKUUlWpEFJgeSRVf7m8VquNUFb54MxXkYOAV+2Ea' +
  'FgKXkRYm91UWVPwIFq+GFRbTV2sW3r6BFwVEKRccx6AXIDybF28+ORenZYYXv1JXF9FlJBfcmhcYQyq5GM3SPBj1dIcZB/jHGSoK3RlTOpcZVwKx' +
  'GY9Q8xnlaLMZ84jgGgcKexo61QQaP+axGo82GBrEPc4bOVB2GzsJPRtlv+0bcEFVG38JwhuBwhcbhakRG4gF+hvvL5sb8wQtG/v3Kxw5GX4cS1Tb' +
  'HGyKPxymBTYcp1VQHShdPx02CpcdOFgBHTyvtR1PFGkdZj81Hb5Nhh3gSogd+O4HHpI/hx6zi7Ue+VVwHxsnbB+PQs4fqfTZH8tZLB/4Cl4gCOiJ' +
  'IIahWiDGdpsg+x6LITBLBiE3bxMhODRcIU7iDyFuXMQhkkgTIbaJkiG5aqshuwBcIcpbYCIo6DgilQiTIqweEyLA2p4i/QCPIw3DTCNLAxYjX2sr' +
  'I7lt0SPbDUoj6EbvI/1WDSP+KwckFOTkJC8DVSRRqK4kVrjEJGqmJySA10Qk/4bNJTjPHCV4v78lhp1pJcvdASXbOtYmJL0hJmw1xCZ2RhkmjnOe' +
  'Jo55uya8ErgmxhIOJshcGSbQd1Am8P93Jw8D7icxBzwnPbsSJ1HHwyeaIr0npbyIJ8fnByfaQzQoGhvlKCkGJShHf68oWP2nKGRHOyh39booiFHW' +
  'KJnygil0XIUpj2ojKZYi5ymqBJcprXMJKgdlPyo3ngkqWO99KmrgcyrFQ5wq4Mv4KxFqZCs95UQrcN42K4xMACvgL8QsD9UCLHbELCzHGKYs1S6j' +
  'LOybuS0HrsstK7XvLXTH7S2LDSUty+EdLeyLHi4ws8QuTCi9LptWkC6cQ00vTPnOL4Z+Ny+hCGkvrgPpL8JsGzA/YDAwYLc3MGUKvjBugnMwngcA' +
  'MOe2DzFUM/wxYQ4pMZNc9jGV2Kgx7VWiMflQNTIbLGoyldo7MqRGIzKmMX8y+2fDM5XbzjQhBE80Rx2CNGGAhDRvO2k0ld1hNLDmWzS07wY0xYxm' +
  'NMo4TTTZU2g08ZQcNPRrrDUF7pw1J4SONWusJjWqHss2BfAvNhgalTYc2U02ardRNoK1cjadaX02otS/NvtYtjct8ec3S3TVN2Vp2Devvgg4M2Mw' +
  'OGXbazhog6U4mCJEOKvQ2Di5ntk45Ys9OPDy4zkIM385LMzCOTZWlTmIGws5mCPXOfXqbjo3jlU6SmVaOlhUJDq9cHU68pm1Ov9aaDsGDak7CDal' +
  'O0RGdTtI9us7SzIsO0tuTzuYJv07n1xhO997Kzwr0bc8MWHYPF983jyUH2c8mo7rPMjTKzzXa1Q87ucVPPxv2T1fH1I9ZMBfPWtoCz5O8tQ+YlU8' +
  'PqwcpD7q628/YsqwP3dc+T/dZF4/7Pq4P+7sMEBlI+5AznUvQPHBWkEEpehBPPeBQU13KUFkPJtBaVUnQZoOgUIgFUVCLKuzQjT860KEK8ZCqUtd' +
  'QuyL8kL7XmNDFvJzQ2Q/wUOXUgpDnSF4Q8KJtUPW4AhEeoBWROvHFET0PZdFEc1eRUVwgEWNOWZFlpf7RcM0hEXbu19F29TYRiYXpkZmse5GkwsN' +
  'RrKapEa+kbFHXSogR3ik30d5xhRHjZBBR5BuAEeahQ9HnsjHR6teC0fj9XFH6AtJR+0w2Ef/u8dIZgOTSJUNm0ikEOdItfgmSMk0eEjYGFlJGBO1' +
  'SRxHiUlXwhJJcWo/SZcAOUnr305KdDJXSquPHkrfkLdLF/9gS0NsXEuQdExL6kZOS/NatEw3PYhMQZ+fTHcHqkymMX1NJiKrTXEolE2SyNRNpfHq' +
  'TbhLhk3GicpN5AohTerOU031ZiBOGF7NTkOosE6Ol0pOxAi7Twz0jk9KA/JP0k3LUF7Bx1CTKElQqnGwUMqmhlDOB69Q1qn8UObWOFD5oSpRYoEw' +
  'UasXRVG/54tR8HqSUqfQhlKsIbBTAeBQUw4cMlNJh7ZTjo9vU5t7+VO01tRTxlYYVFDVHVRjsMxUcvBVVH/L/FSGfa9UicSHVI2kJlSUpChVKV5H' +
  'VWyU/FWRxbpWKWIvVisRSVZxvKVWlY/qV0OmR1d1eMVXfwb0V4UdFVeFvidX6/E3WCLIxlgyffFYZ2r7WI+0IFiZMUlYsKpcWRFc7VlqI/VZhqWm' +
  'WYpBrVmcEqNZzBhjWekuWFoI3T9aQohUWlwl1ltW+8JbjgwtW7+6Ulvy3d1b+o+/XGGP9VyBytBdHC7nXc4xNl4FCTheGKlJXh1ps15OfVFecsDP' +
  'Xp8+Ul6kmrteyQUBXs4LO1+NlG1foJL1X9IBHV/rSZdgAMguYC3qKmBLZPFgXtEGYHFL4GB6DxhgmmNrYKm0aGC0GsVgwj+PYNjLZ2D6te5hAqpO' +
  'YQjoRGEb7vthLlz6YUgRi2FtcW1hs+YNYcsCS2Ha4mhiCOnXYkmdFWJc7hNib8DUYq1N4mK59shjSkgKY8bCtmPkzoFj8v9rZCkZYmRQe9xk9oTO' +
  'ZQP7zmVEntRlV6mNZVnUeWVdbbJlYkcNZWgRm2WV6cdlpe91ZfD0wGZfTMRmYls7ZogbzGaXQBBmvTI3ZvlTCGcI8bZncQ24Z5ndz2elkgNn1sAa' +
  'Z/B4Nmfxi9BoO1lkaGfD22hpDZBoaeoEaJDBlGiXan1ore9faLVPEmjc/ddpBcZFaT2YJ2ljN45pgNWtajZUd2pnugxqjvHDarcgdGrx6WRq9L4i' +
  'awj4AmsNvDlrVWfca68O52vXJL1r2akqa+eJimwLyuhsXfIvbGlzcWx4Bi9sesXZbKsztWy2ZsNtsnq/bhTxzG504ZduhdbHboudI26MuU5vAkDD' +
  'bz4cKm9MODVvU4bKb2xuBW+O6IpvjwCDb7r55W+7SKdv6DHGb/BQ0XATZmlweXswcIF0t3CIz+Zw5NaCcUfVl3Fd4hRxYjkjcWUUMnHDpQpyO+vv' +
  'clrZMXJbXVxyZ3DTcsKs73M5VzdzRhrCc5EFV3Pk1bF0CyH5dF7K+nTOw4500h4ydOvknXUh5BB1MRUPdWcpFHXrt9J19qkMdku1+XZSP5t2qriD' +
  'dtvKn3cdFsJ3RD00d0jUN3dkWvV3Zd73d6dqxnf3VeF441yYeR2bnXk57MR5byFDeY8Is3mp3Hd6UmA9emfTPHp2fUJ6kGTpeuiBJ3vDmWt8QRo6' +
  'fEHgbnxVSKp81p3dfOEjUHz621h9QtgtfUN+Z31EbT19TDY/fWH34X17C7x9mViXfeNy+X3uHM99/Ysvfgs+SX4ZjP5+L2CTfj5L6X5G1pN+W//h' +
  'fq84n37De4N+2s78fzwB4X92OjV/rYSRf7f7ln/SkGp/5lYHf/ZALIAEWAqABLPjgEZfGYBpCj6AdCGngLXqJoGTBDCBskHBge3q/IILJ+WCIyFA' +
  'giXZp4JUWhmCq8hSgrOutYLahSqDFxh4gxzFr4Mf8zeDMi8Dg0kQqINQuW+DgHScg6WGV4PPpruD+jwshALga4QulrmENbSqhDoVXIRPOE6FIISX' +
  'hVW1O4VzdveF58sNhhkqaoZ311eGgvBgh2JOZodmbI6HbciBh4YE0IenJZ6H5FJ3iBrLKIio+LmIrCmHiLtMnIkeq3CJPYxpiWnE9omJ/4iJp4QT' +
  'ibX4UYn8VrqKN1h0ioUh0YqMmH6KrP2FirX55IraILiLCc9vixb9r4scQ8WLRhdPi0s2cItZ+OGLYVGXi2LNUYttgtmLjryoi5oQvIuiO7aLtft3' +
  'jAYmRoytzmKMszLIjMuw04zyqR2NBQsKjT7r/Y2o/ymNr65ljdY4tI3mN32N+mZtjlt0y45q22SPaaxej4LRtY++U++QNNDskEXO75BeXAOQaRSI' +
  'kIDYuZCZWNCQm9kIkK9lKJC6PViQxM5ckQ1LdpFDKLmRc57NkYdM+pGhzwaRprrFkedrNJIBigaShgMskozal5Ky90SSw/MukuUp65Lx8ymTRXrt' +
  'k2IpKZOb9f2Tqkclk8MC/5PJ9YmT3OpslGYk+5TDLeeVNhmNlTjLYpVHtkuVYqU4laEBUJW087KWInx7lql8Ypa5/wGW4BvBlw155pcdOOuXMSuv' +
  'lz0OJJeSFQGXw2limALgJZgeUd6YJuBnmDkmV5jLfHiY/koNmQlAbJlzRR6ZoyKPmeg+PJoJQf+aHmcImlVPrppnk1SaxtiPms7S/Jrrjraa+9iF' +
  'mwlDkpsPLoabG9d0myk3Z5syrhmbQJyvm1GeY5uJuAibqhBzm63ttpxEWuacZOR5nLCvSpzBNX+dCUa4nSt9dZ0xvSadR6atncZDDp3ZNbid+Kh0' +
  'ngSMVp4VZTueMk9nnj6jIJ6h896euQ4bntjbMZ8JSd6fDGlHnyf5NJ9W+z6fkUz+n7yL4Z/A0ZKfwyGJn95E5p/iAjegBQj5oAlLcaAgAOagOCNM' +
  'oFb80aB7j72gvRY9oOsPk6D4VHWhARpyoQlNBKExp9GhOJYNoT3sJKFJ7zihWRGQoYvvjaGVay6hqN0/ofDkjKIJTpeiKTXLoper2KK+clGi1rKL' +
  'otycqaL1vjijCVAqox7aA6NTZKyjVrX1o36SFaO5d0aj9VjFo/8qJ6QARhWkBnngpAlRvaQeunmkIkvKpDj6RKRbBcykYSQZpIuvxqTdCOulCVNQ' +
  'pRqUhqUrlNeliT45paMWvKXCckOlyffwpdL3j6XcEBymCVTjpiKgGqZTRWOmZZxypm9zIaZ/N4imqfcvpr9Pn6cJVnanJxi2p63psae+Lo+n2doh' +
  'p+GH0afjNV2n6UqRqAlYCaggMmeoM9XCqHNa8KiG07eo4YUKqPpsh6knA6KpQI/4qXUDYKmZ1SWpsrvRqc6bR6nfRD6p5jqYqglbL6oi3sqqLiLh' +
  'qn5SPKrFT4WrCVzCqxOd86sWemSrKa7Mq1TFrquBff6rodGpq7uTjqvhA++sCV5VrBamRKyMATesyO/PrQlf6K0PqjCtE+APrU5+ba2C/4GtnL/P' +
  'rfn8ha4Hnv+uCWF7rmWrPa5nfzeubyMDrpLL2K7OjKWu4s1Irubi4K8BK3mvCWMOrw+8Ta9Ex8Cvks1rr8K9bK/RF0KwCWShsDb3HbBVuyWwXkVB' +
  'sJ5GkbFhuoCxqeFcscr3MLHl6jSx5mHVsglnx7IM4F+yFo9qskJf9LJQV9uyc1Nwsrt7NbMJaVqzP4jrs4xr8LP1Abe0Ar0UtAlq7bQhSi60ImT6' +
  'tGUsgbTK++m05PKTtUyOibWVT6e1thA1tgMcMLYi1Yq2OmXQtlGqh7ZejYK2Zk7gtm6PVbaEe3C3B5C0tzVWJbdU1Xu3uoU1uABIkLhhYBW4iCek' +
  'uL4kKbje/He5YRXVueCtJLoOv866wZyauyRAybtFm8+7Sk93u34C+buN5Pi7oK/hu6mZnrwKheK8NB+jvDYk+bxGA0a8eBZxvJe4mrzWDz682OvH' +
  'vPcvq70CKiC9aj+Nvdipcb4Anwq+Bypbvh9nRL4pP0S+N2scvnrZEr6POH+/f9ndv6wRtb/XqFHAIj4XwCYaFMA1HkXAWAKtwFzyZsCRfo7A8TwZ' +
  'wPrpKcHVS+fCNISywl+SqsKGGn3C/dThwx7RR8MneGTDgwF3w88vNMPu0onEAQ/fxAWTV8RQr5LEnN5XxKJxecSwlezEsO2zxVrfTcVyX7DFdkJw' +
  'xdsVYsYGomjGCc5txhlas8Yj1bDGJwLixlwnyMZcMTXGXuk6xmoDKMZ9AbTGhyt8xqIVyca5+ETGz0RTxwXEpccfANbHSmX3x5LU+Meo2ljH2pQJ' +
  'yAeMMcgQk77IOw3ayD82YchOKrvI6I2dyOl0l8kWygzJQw/TyUVhUMlKaR3Jc4byyaW28MnLNCnJ5sKKyejenMnz4T/KBqi0ygePV8oPRWjKEdWG' +
  'yhdGccqCKTTKkJgIyqMZ/crI+7TK1yikyvSpjstrrDvLf+x7y6DI0cul5eXLpqTYy8jhh8wju37MOno2zEaWQMxs90jMdgUmzHo7PMx9JI/M3AEt' +
  'zPfOps23KEDNyEUXzdiYDc3kasfONBa9zoN+Gs6+GJrOvyWKzsPkS87Ed8fOy+iRzvA+JM8wq4zPPaVHz0n/ks9PGC3PVtSu0CZQptCHgd/Qo1b7' +
  '0SlcJNFA5ALRZLsJ0WfTYdGOh/bR+sC90haad9ImC87SlhAA0v+YDdM5l7DTTf3l06xY7tPrAD3UUKVf1FjM0dRrYIfUmaLT1Kt9Z9TsFmXU9HD9' +
  '1Q0NG9UXwZXVPoXB1Xz7jNWI1TXVjG5J1cnGddaOJb3Wl/wz1rgn9dbUUN3W3npW1vRFE9deLl/XYkn817uEote9REHXyqWB19IZttfvoW3X8WIH' +
  '2Fd2sNhiS4/Y3BDd2ORkvNjrtOHZQe3c2Vd4Q9liTSLZmdHG2aDnT9ne/xHaAwAC2jpJddpAnUbagou02rJslttGd5LbV3tp22sb2NuFTbfcQ3l1' +
  '3I8/IdyiDfLcqOuD3N0/nN0KesXdCocY3UBWK91UDAPdc2Fy3YdO+92Vay7eLVC83l2kUt5lcKjeZvLD3tdqkd7kV7je5L3N3zFGFt9datDgD9YQ' +
  '4DkUXOB1fgLggNG64M24n+DwUdXhBWpg4QjvhOEeVbrhnSs54Z5IMOHE32vh0wSW4lpuWeJimszicSUH4nKEv+KEyrfiiUOn4olFPeK03dbjHaqn' +
  '4yy/seM6O37jRj3m46lmX+Q+ZmPkY7QK5Hznl+SPs4jkoiPU5K8YKOS2ZV7k+5ub5RZSceUxu5zlfA0U5YLZueWR5EPmBXI/5gzzVeYxilXmSF51' +
  '5kv5B+ZvlXHmpdVR5t6HfObxc2rnLy/j56ZYJOeo8U3nzUiU6AM7hugUAK7oKFQf6Dc4Cug5Z8PoeknX6K9NIui48d3o56Fa6QV2+OkYDNbprYfz' +
  '6gV4i+pTSVDqWpOA6nq+ieqPbkLqput+6s4qUur/0OnrC4fD6x7I7etElMTrf9ZA64pSVOutEwXrwDIN6/FCguwFe7HsE1i07CpOvexQ6q/sZav1' +
  '7H/sN+x/7HDswc687O7vgO0q8JHteiHR7Y9vY+2uGxDt2KgW7nnSm+6zV/vu4O8+7uexpu7uh5PvYjNF78W0U+/93mvwFK3h8C3tpfA73AjwiRZT' +
  '8JDDB/CwBUfwsIof8NGoJ/DyomvxDBp78UeCS/F3O/jxsLKy8e3M2vIUbmPyYTgu8p/T+vLA/VDy10Ac8trK1fLePGvy4Da68yB2ufPoH7X0BYhJ' +
  '9D8ShfRJ2xH0fpef9IzP0fSkB8L0pyqg9KuoJvUFidz1chkz9YLLNPWdwyH1uVJt9cEgLPYFi2/2JzIz9iks2/Y1VXf2OarN9mSky/a/c1H3WoOe' +
  '93LSs/d4xjD3i/L895XmOPeuG+/33esE+AWOlfgm/UL4N3fZ+KTNIPjIBh/4zkBc+OILRfkJV2v5SFRa+VFcPfmEbjb5kFTj+ZXpXvnFZJj55SYB' +
  '+iWjCvo6XWr6dO6Z+pUxy/qnNBL6vhgU+u9qnPsNRO37Dycw+x0tP/s025z7gEiy+4XHYPuL8wP762Ut+/rFFPwHAbz8B+Ol/InGePy+brf80duj' +
  '/NiVZf0BNRf9JNsL/UWdAP1Izh/9Xo8o/XEX6f18xdb9ytp3/h9ULP4uSFn+OPdU/nKPkf60/br++9CR/v0XS/8AI9L/BZma/xOUk/83aPX/RG0j' +
  '/6N5yf/JdQz/5qFu';

let known: ReadonlySet<number> | null = null;

/** True for a password of that list, whatever its capitals. */
export function isCommonPassword(text: string): boolean {
  known ??= readHashes();
  return known.has(fnv1a(text.normalize('NFC').toLowerCase()));
}

function readHashes(): ReadonlySet<number> {
  const bytes = parseBase64(HASHES);
  if (bytes === null) throw new TypeError('common passwords: not base64');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return new Set(Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(4 * at)));
}

/** Fowler, Noll, Vo: 32 bits, of the UTF-8 bytes. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
