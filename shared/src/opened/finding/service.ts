/**
 * What a login was for: the service behind a URL as found in leak material. Query and fragment are dropped, since they hold
 * tokens; a URL that cannot be read is no service and never an error.
 */
import { parseDomainName, registrableDomain } from '../../base/domain-name.ts';
import type { PathClass } from './finding.ts';

export interface Service {
  /** Lower case, '' if the URL had none. */
  readonly scheme: string;
  /** Punycode name, or an address literal as found; '' if none. */
  readonly host: string;
  readonly port: number | null;
  /** '' for addresses, single labels and public suffixes. */
  readonly registrable: string;
  readonly pathClass: PathClass;
  /** Lower case, with its first slash; '' if none. Read by rules, kept by nobody. */
  readonly path: string;
  /** Package name of an Android app (`com.bank.app`), as found: it is never made into a domain. */
  readonly appId: string | null;
}

/** No URL, or none that names a service. */
export const NO_SERVICE: Service = {
  scheme: '',
  host: '',
  port: null,
  registrable: '',
  pathClass: 'other',
  path: '',
  appId: null,
};

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const PACKAGE = /^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+$/i;
/** Local documents and browser pages are no service. */
const LOCAL_SCHEMES = new Set(['file', 'about', 'chrome', 'edge', 'chrome-extension', 'moz-extension', 'blob', 'data']);

/** Words in host labels (left of the registrable part) and in path segments, per class; the first class that hits wins. */
const RULES: readonly (readonly [PathClass, readonly string[], readonly string[]])[] = [
  [
    'vpn',
    ['vpn', 'sslvpn', 'webvpn', 'remote', 'citrix', 'anyconnect', 'globalprotect', 'fortigate', 'forticlient', 'ztna'],
    [
      'remote',
      'vpn',
      'sslvpn',
      'citrix',
      '+cscoe+',
      '+webvpn+',
      'dana-na',
      'global-protect',
      'logonpoint',
      'my.policy',
    ],
  ],
  [
    'sso',
    ['sso', 'adfs', 'sts', 'idp', 'keycloak', 'idm', 'iam'],
    ['adfs', 'sso', 'saml', 'saml2', 'idp', 'cas', 'realms', 'simplesaml'],
  ],
  [
    'admin',
    ['admin', 'administrator', 'backoffice', 'cpanel', 'whm', 'plesk', 'vcenter', 'jenkins', 'phpmyadmin'],
    ['admin', 'administrator', 'wp-admin', 'wp-login.php', 'phpmyadmin', 'cpanel', 'backoffice', 'backend'],
  ],
  [
    'mail',
    ['mail', 'webmail', 'owa', 'exchange', 'outlook', 'zimbra', 'roundcube'],
    ['owa', 'ecp', 'webmail', 'roundcube', 'zimbra', 'squirrelmail'],
  ],
  [
    'login',
    ['login', 'signin', 'auth', 'account', 'accounts'],
    [
      'login',
      'log-in',
      'signin',
      'sign-in',
      'logon',
      'auth',
      'login.php',
      'login.aspx',
      'login.jsp',
      'login.html',
      'signin.php',
    ],
  ],
];

/** Reads a URL as found: with or without scheme, `android://…@package/`, IPv6 in brackets, ports, user information. */
export function parseService(url: string): Service {
  const text = url.trim();
  if (text === '') return NO_SERVICE;
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase() ?? '';
  if (LOCAL_SCHEMES.has(scheme)) return NO_SERVICE;
  const rest = scheme === '' ? text.replace(/^\/\//, '') : text.slice(scheme.length + 3);
  const authorityEnd = rest.search(/[/\\?#]/);
  const authority = authorityEnd < 0 ? rest : rest.slice(0, authorityEnd);
  const afterUser = authority.slice(authority.lastIndexOf('@') + 1);
  if (scheme === 'android') return androidService(afterUser);
  const path = authorityEnd < 0 ? '' : (rest.slice(authorityEnd).split(/[?#]/, 1)[0] ?? '');
  return hostService(scheme, afterUser, path);
}

/** Class of a service by its host labels and path segments. `registrable` keeps `sso.go.th` from being a sign-on server. */
function classifyPath(host: string, registrable: string, path: string): PathClass {
  const own = registrable === '' ? '' : host.slice(0, Math.max(0, host.length - registrable.length - 1));
  const words = new Set<string>();
  for (const label of own.split('.')) for (const word of label.split('-')) words.add(word.replace(/[0-9]+$/, ''));
  const segments = new Set(path.toLowerCase().split(/[/\\]/));
  for (const [pathClass, labels, paths] of RULES) {
    if (labels.some((label) => words.has(label)) || paths.some((segment) => segments.has(segment))) return pathClass;
  }
  return 'other';
}

function androidService(packageName: string): Service {
  const appId = packageName.trim();
  return PACKAGE.test(appId) && appId.length <= 255 ? { ...NO_SERVICE, scheme: 'android', appId } : NO_SERVICE;
}

function hostService(scheme: string, authority: string, path: string): Service {
  const address = /^(\[[0-9a-f:.]{2,45}\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::([0-9]{1,5}))?$/i.exec(authority);
  if (address !== null) {
    const pathClass = classifyPath('', '', path);
    return {
      scheme,
      host: (address[1] ?? '').toLowerCase(),
      port: portOf(address[2]),
      registrable: '',
      pathClass,
      path: path.toLowerCase(),
      appId: null,
    };
  }
  const colon = authority.indexOf(':');
  const host = parseDomainName(colon < 0 ? authority : authority.slice(0, colon));
  if (host === null) return NO_SERVICE;
  const registrable = registrableDomain(host) ?? '';
  const port = colon < 0 ? null : portOf(authority.slice(colon + 1));
  const pathClass = classifyPath(host, registrable, path);
  return { scheme, host, port, registrable, pathClass, path: path.toLowerCase(), appId: null };
}

function portOf(text: string | undefined): number | null {
  if (text === undefined || !/^[0-9]{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port <= 65_535 ? port : null;
}
