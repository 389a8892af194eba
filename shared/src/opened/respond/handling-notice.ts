/**
 * The data-handling notice that a focal point accepts with the access request (DOMAIN, Data-handling notice; FIRST IEP 2.0).
 * A change of meaning is a new version, never an edit.
 */
import type { Tlp } from '../finding/finding.ts';

export interface HandlingNotice {
  readonly version: string;
  /** FIRST IEP 2.0 policy statements. */
  readonly policy: {
    readonly permittedActions:
      | 'none'
      | 'contact_for_instruction'
      | 'internally_visible_actions'
      | 'externally_visible_actions';
    readonly affectedPartyNotifications: 'may' | 'must_not';
    readonly attribution: 'may' | 'must' | 'must_not';
    readonly tlp: Tlp;
    /** ISO 8601 dates; `null` has no end. */
    readonly startDate: string;
    readonly endDate: string | null;
  };
  readonly th: readonly string[];
  readonly en: readonly string[];
}

/** The version in force. The first Thai paragraph is DOMAIN's text to the letter. */
export const HANDLING_NOTICE: HandlingNotice = {
  version: '1',
  policy: {
    permittedActions: 'internally_visible_actions',
    affectedPartyNotifications: 'may',
    attribution: 'must_not',
    tlp: 'TLP:AMBER+STRICT',
    startDate: '2026-01-01',
    endDate: null,
  },
  th: [
    'ข้อมูลที่พบผ่านระบบนี้ให้ใช้เฉพาะเพื่อการตรวจสอบภายใน การประเมินความเสี่ยง และมาตรการป้องกันของหน่วยงานเท่านั้น ห้ามเปิดเผยข้อมูลบัญชีผู้ใช้หรือข้อมูลสำคัญต่อสาธารณะ ห้ามนำบัญชีที่รั่วไหลไปทดลองเข้าสู่ระบบ และให้ปฏิบัติตามนโยบายความมั่นคงปลอดภัยไซเบอร์ของหน่วยงานโดยเคร่งครัด',
    'ระดับการเผยแพร่ข้อมูลเริ่มต้นคือ TLP:AMBER+STRICT ใช้ได้ภายในหน่วยงานเท่านั้น ไม่ส่งต่อให้บุคคลภายนอกหรือผู้รับจ้าง เว้นแต่ศูนย์ฯ อนุญาตเป็นลายลักษณ์อักษร',
    'แจ้งเจ้าของบัญชีของหน่วยงานได้ โดยไม่ระบุแหล่งที่มาของข้อมูล',
    'การแสดงรหัสผ่านทุกครั้งต้องมีเหตุผลและถูกบันทึกไว้เพื่อการตรวจสอบ',
  ],
  en: [
    'Information found through this system is for internal checks, risk assessment and protective measures of your organisation only. Do not disclose account or sensitive information to the public, do not try to log in with a leaked account, and follow your organisation’s cyber security policy strictly.',
    'The default sharing label is TLP:AMBER+STRICT: within your organisation only, not to outside parties or contractors, unless the CERT allows it in writing.',
    'You may tell the holders of your organisation’s accounts, without naming the source of the information.',
    'Each reveal of a password needs a reason and is recorded for audit.',
  ],
};
