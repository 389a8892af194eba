/** The data-handling notice an organisation signs with its request (DOMAIN, Data-handling notice; fields of FIRST IEP 2.0). */

/** Changing a word makes a new version: earlier acceptances name the old one. */
export const NOTICE_VERSION = '2026-11';

export const NOTICE = {
  version: NOTICE_VERSION,
  permittedActions: 'internally-visible-actions',
  affectedPartyNotifications: 'may',
  attribution: 'must-not',
  tlp: 'TLP:AMBER+STRICT',
  th: 'ข้อมูลที่พบผ่านระบบนี้ให้ใช้เฉพาะเพื่อการตรวจสอบภายใน การประเมินความเสี่ยง และมาตรการป้องกันของหน่วยงานเท่านั้น ห้ามเปิดเผยข้อมูลบัญชีผู้ใช้หรือข้อมูลสำคัญต่อสาธารณะ ห้ามนำบัญชีที่รั่วไหลไปทดลองเข้าสู่ระบบ และให้ปฏิบัติตามนโยบายความมั่นคงปลอดภัยไซเบอร์ของหน่วยงานโดยเคร่งครัด',
  en: 'Findings from this system are for internal checks, risk assessment and protective measures of this organisation only. Do not disclose account or other sensitive data to the public. Do not try a leaked account to sign in anywhere. Follow your organisation’s security policy strictly.',
} as const;
