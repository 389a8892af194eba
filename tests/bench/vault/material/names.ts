/** Words that the bench's made-up people, places and machines are built from. Nobody and nothing real. */

export const GIVEN = words(
  'somchai somsak malee nong anan chai kanya prasert wichai sunee pim ploy nattapong thanakorn kittisak suda arisa wanida',
  'supachai ratchanee pornthip jirayu kanokwan apichat boonmee chalerm duangjai ekachai fah gamon harit intira jaturong krit',
  'lalita manop narong orathai pakorn ratana sarawut tawan udom vichit waraporn yuphin john mary james linda maria david',
);
export const FAMILY = words(
  'jaidee rakthai sukjai thongdee saelim wongsawat boonsri kaewta srisuk phromma intarat chanthong meesuk sombat yodrak',
  'khamdee nilawan promdee suwannee thepnimit buathong panyawong limsakul namwong onsri ruangsri sirichai uthai vongchan',
);
export const GIVEN_THAI = words('สมชาย สมหญิง มาลี อนันต์ วิชัย กัญญา ประเสริฐ นก พิมพ์ชนก ธนวัฒน์ ดวงใจ ศิริพร');
export const FAMILY_THAI = words('ใจดี รักไทย สุขใจ ทองดี บุญศรี แก้วตา ศรีสุข พรหมมา จันทร์ทอง มีสุข');
/** An account of an organisation's own that is no person. */
export const ROLES = words(
  'admin root backup svc-scan noreply helpdesk ceo finance hr director payroll ldap sysadmin api',
);

/** First labels of the organisation's own domains. */
export const OFFICES = words(
  'moe dlt rail water campus clinic harbour customs forest survey revenue labour culture sport energy patent archive weather',
  'lottery tourism port museum fisheries irrigation housing pension police-aid rescue metro airport canal orchard',
);
/** Labels of own hosts, the most visited first. */
export const SERVICES = words(
  'portal mail sso vpn webmail eservice login reg hr intranet owa lms library pay office erp admin citrix www api wifi git wiki',
  'register survey meeting docs helpdesk sslvpn adfs remote backoffice student staff booking parking payslip lab test archive',
);
export const SITES = words(
  'shop forum travel games music books food photo jobs video bank cloud social chat news market school health auto home',
);
export const SITE_LABELS = words('www login account mobile m accounts auth app my id secure store');
/** Labels that stand in a host as punycode. */
export const SITE_LABELS_THAI = words('ตลาด โรงเรียน ธนาคาร ร้านค้า ท่องเที่ยว เกม ข่าว สุขภาพ');

export const PUBLIC_MAIL = words('freemail.example mail.example gmail.com inbox.example letters.example');
export const FAMILIES = words(
  'LummaC2 RedLine Vidar StealC Raccoon Rhadamanthys META RisePro Acreed Mystic Aurora Atomic',
);
export const SYSTEMS = [
  ...['Windows 10 Pro', 'Windows 11 Home', 'Windows 11 Pro', 'Windows 10 Home', 'Windows 7 Ultimate'],
  ...['Windows 10 Enterprise', 'Windows Server 2019', 'macOS 15', 'Android 14'],
] as const;
export const COUNTRIES = words('TH TH TH TH TH LA KH MM VN MY SG ID JP US IN');
export const BROWSERS = words('Chrome Edge Firefox Opera Brave CocCoc Chromium');
export const APPS = words('com.example.wallet com.example.campus com.example.mail com.example.pay com.example.health');
export const MACHINE_PREFIXES = ['DESKTOP-', 'LAPTOP-', 'WIN-', 'PC-', 'MOE-'] as const;
export const SOURCE_WORDS = words('alpha daisy moon omega snow cloud river lotus tiger amber cedar north');
export const HASH_TYPES = words('md5 sha1 bcrypt ntlm sha256 phpass');

/** First and last characters of passwords, the most frequent first. */
export const PASSWORD_STARTS = words(
  'so 12 ma Pa ab na 1q Aa th ka pa Lo wi Su te 09 08 ch ad P@ qw ti An ja mo fl dr Sa ni ch ko ro ti Ph zx re ba Wo su lu',
);
export const PASSWORD_ENDS = words(
  '23 34 56 99 11 00 21 01 12 25 88 77 45 !! 3! 4@ 89 er an ai ee 68 67 2# 6* ng ok 55 66 44 1a x9 7$ th om 32 19 20 65 64',
);

function words(...lines: readonly string[]): readonly [string, ...string[]] {
  return lines.join(' ').split(' ') as [string, ...string[]];
}
