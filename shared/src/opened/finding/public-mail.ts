/** Mail providers anybody can register at: an account there says nothing about where its owner works (DOMAIN, exposure). */

const PUBLIC_MAIL = new Set(
  (
    'gmail.com googlemail.com hotmail.com hotmail.co.th hotmail.co.uk outlook.com outlook.co.th live.com live.co.th msn.com ' +
    'windowslive.com passport.com yahoo.com yahoo.co.th yahoo.co.uk yahoo.co.jp ymail.com rocketmail.com icloud.com me.com ' +
    'mac.com aol.com proton.me protonmail.com pm.me tutanota.com tuta.com gmx.com gmx.net gmx.de mail.com mail.ru yandex.com ' +
    'yandex.ru qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net zoho.com fastmail.com inbox.com ' +
    'thaimail.com chaiyo.com sanook.com kapook.com truemail.co.th csloxinfo.com loxinfo.co.th ksc.th.com samart.co.th ' +
    'web.de orange.fr free.fr laposte.net libero.it rediffmail.com hey.com duck.com ' +
    // Made-up material has public mail, too.
    'mail.example freemail.example webmail.example'
  ).split(' '),
);

/** True if `domain` (punycode) is a public mail provider. */
export function isPublicMail(domain: string): boolean {
  return PUBLIC_MAIL.has(domain);
}
