import { describe, expect, test } from 'vitest';
import { NO_SERVICE, parseService } from './service.ts';

describe('a URL', () => {
  test('loses user, query and fragment and keeps host, port and class', () => {
    expect(parseService('https://u:p@SSO.moe.example:8443/adfs/ls/?token=x#y')).toEqual({
      scheme: 'https',
      host: 'sso.moe.example',
      port: 8443,
      registrable: 'moe.example',
      pathClass: 'sso',
      path: '/adfs/ls/',
      appId: null,
    });
  });
  test('needs no scheme', () => {
    expect(parseService('vpn.moe.example/remote/login?lang=en')).toMatchObject({
      host: 'vpn.moe.example',
      pathClass: 'vpn',
      path: '/remote/login',
      scheme: '',
    });
    expect(parseService('//moe.example/x').host).toBe('moe.example');
  });
  test('of an Android app keeps the package and invents no domain', () => {
    expect(parseService('android://QUJD==@com.bank.app/')).toMatchObject({
      appId: 'com.bank.app',
      host: '',
      registrable: '',
    });
  });
  test('may name an address, which has no registrable domain', () => {
    expect(parseService('http://192.0.2.7:8080/admin')).toMatchObject({
      host: '192.0.2.7',
      port: 8080,
      registrable: '',
      pathClass: 'admin',
    });
    expect(parseService('https://[2001:db8::1]:443/')).toMatchObject({ host: '[2001:db8::1]', port: 443 });
  });
  test.each([
    '',
    '   ',
    'file:///C:/x.html',
    'chrome://settings',
    'http://',
    'http://a..b/',
    'not a host',
    'http://<script>/',
    'android://x@/',
  ])('that names no service is none: %j', (url) => {
    const { host, appId } = parseService(url);
    expect({ host, appId }).toEqual({ host: NO_SERVICE.host, appId: null });
  });
  test('is the same service in Unicode and punycode, under a Thai suffix', () => {
    const unicode = parseService('https://อีเมล.กระทรวง.รัฐบาล.ไทย/');
    expect(unicode.registrable).toMatch(/^xn--.*\.xn--.*\.xn--o3cw4h$/);
    expect(parseService(`https://${unicode.host}/`)).toEqual(unicode);
  });
});

describe('the class of a service', () => {
  test.each([
    ['https://www.sso.go.th/', 'other'],
    ['https://sso.moe.go.th/', 'sso'],
    ['https://ssl-vpn2.moe.example/', 'vpn'],
    ['https://webmail.moe.example/', 'mail'],
    ['https://moe.example/owa/auth/logon.aspx', 'mail'],
    ['https://moe.example/wp-admin/', 'admin'],
    ['https://moe.example/login', 'login'],
    ['https://moe.example/blog/vpn-guide', 'other'],
    ['https://mailing.moe.example/', 'other'],
  ])('%s is %s', (url, expected) => {
    expect(parseService(url).pathClass).toBe(expected);
  });
});
