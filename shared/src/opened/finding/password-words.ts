/**
 * What people choose: words and passwords that head every published list of common ones, Thai words as they come out of a Latin
 * keyboard, and keyboard rows. A few hundred entries: enough to name a weak password, small enough to ship.
 */

/** Common passwords and base words, lower case. Public knowledge (NCSC and SplashData lists), no leak is quoted. */
const COMMON = (
  '123456 1234567 12345678 123456789 1234567890 12345 1234 123123 111111 000000 654321 666666 888888 999999 112233 121212 ' +
  '123321 159753 147258 147258369 987654321 123654 102030 101010 131313 222222 333333 444444 555555 777777 789456 789456123 ' +
  '1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsx qaz123 zaq12wsx zaq1 qwerty qwerty123 qwertyuiop qwer1234 asdf asdfgh asdfghjkl ' +
  'asdf1234 zxcvbn zxcvbnm q1w2e3r4 a1b2c3 a1b2c3d4 abc123 abcd1234 abcdef abcdefg aa123456 a123456 a12345 ' +
  'password password1 password12 password123 passw0rd pass pass123 pass1234 passwd secret letmein welcome welcome1 admin ' +
  'admin123 administrator root toor user guest test test123 testing demo default changeme change login master super ' +
  'superman batman spiderman ironman pokemon dragon monkey tiger lion eagle shadow sunshine princess queen king angel ' +
  'iloveyou loveyou lovely love forever friend friends family baby honey sweet flower summer winter spring autumn ' +
  'january february march april june july august september october november december monday tuesday wednesday thursday friday ' +
  'saturday sunday football baseball soccer hockey basketball liverpool arsenal chelsea manchester barcelona ' +
  'michael jordan daniel thomas robert george andrew charlie jessica jennifer ashley nicole amanda hannah anthony joshua ' +
  'matthew alexander william james david richard joseph martin maria anna laura sophie computer internet server office ' +
  'windows linux apple google facebook samsung nokia android iphone starwars matrix freedom whatever trustno1 access hello ' +
  'hello123 hi ninja mustang ferrari porsche mercedes toyota honda yamaha suzuki killer hunter hunter2 ranger soldier pepper ' +
  'ginger cookie chocolate coffee banana orange purple yellow silver golden diamond crystal star moon rainbow ' +
  'thailand bangkok chiangmai phuket pattaya siam sawasdee sawatdee somchai somsak somying malee nok noi lek aof ' +
  'muaythai chang singha buddha rakthai amazing company school university hospital ministry government network system manager ' +
  'director finance account service support helpdesk temp temp123 temporary newuser backup database oracle mysql cisco router ' +
  'security training student teacher doctor police army navy airforce money lucky lucky7 happy smile cheese peanut'
).split(' ');

/** Thai words that turn up as passwords; typed on a Latin layout they look random (`isylzjko` is รหัสผ่าน). */
const THAI_WORDS = (
  'รหัส รหัสผ่าน สวัสดี ประเทศไทย กรุงเทพ เชียงใหม่ ขอนแก่น โคราช ภูเก็ต ความรัก รักแม่ รักพ่อ รักนะ ที่รัก แม่ พ่อ ' +
  'ครอบครัว สมชาย สมศักดิ์ สมหญิง สมศรี มานี มานะ ปิติ วิชัย ประเสริฐ น้ำฝน ดอกไม้ ตะวัน พระจันทร์ ดวงดาว ช้าง เสือ มังกร ' +
  'โรงเรียน มหาวิทยาลัย โรงพยาบาล กระทรวง สำนักงาน เทศบาล อำเภอ จังหวัด ตำรวจ ทหาร ครู นักเรียน หมอ พยาบาล ราชการ ' +
  'เงินเดือน ทดสอบ ผู้ดูแล ผู้ใช้ เข้าระบบ คอมพิวเตอร์ อินเทอร์เน็ต ความลับ ลับสุดยอด ไม่บอก จำไม่ได้ ลืม ลืมแล้ว เปลี่ยน ' +
  'มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม'
).split(' ');

/** Thai Kedmanee (TIS 820-2538) by the key of a US layout, plain and shifted. */
const LATIN_KEYS = '1234567890-=qwertyuiop[]\\asdfghjkl;\'zxcvbnm,./!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?';
const THAI_KEYS = 'ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฃฟหกดเ้่าสวงผปแอิืทมใฝ+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฅฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦ';

/** Rows and columns of a US keyboard, digits and alphabet. */
const ROWS = [
  '`1234567890-=',
  'qwertyuiop[]',
  "asdfghjkl;'",
  'zxcvbnm,./',
  'abcdefghijklmnopqrstuvwxyz',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/',
];

/** Common passwords in Latin letters. */
export const COMMON_WORDS: ReadonlySet<string> = new Set(COMMON);

/** Common Thai words, in Thai and as typed on a Latin layout (upper and lower case matter there). */
export const THAI_PASSWORD_WORDS: ReadonlySet<string> = new Set(
  THAI_WORDS.flatMap((word) => [word, thaiToLatinKeys(word)]).filter((word) => word.length >= 3),
);

/** Keyboard and alphabet runs, forwards and backwards. */
export const KEY_RUNS: readonly string[] = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);

/** First three letters of every word of four or more: most places in a password begin none. */
export const WORD_STARTS: ReadonlySet<string> = new Set(
  [...COMMON_WORDS, ...THAI_PASSWORD_WORDS].filter((word) => word.length >= 4).map((word) => word.slice(0, 3)),
);

/** Neighbours in KEY_RUNS. */
export const RUN_PAIRS: ReadonlySet<string> = new Set(
  KEY_RUNS.flatMap((row) => Array.from({ length: row.length - 1 }, (_, at) => row.slice(at, at + 2))),
);

/** `word` as a person types it who forgot to switch the keyboard to Thai. */
export function thaiToLatinKeys(word: string): string {
  return [...word].map((letter) => LATIN_KEYS[THAI_KEYS.indexOf(letter)] ?? letter).join('');
}
