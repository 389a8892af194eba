/** Rules of one organisation while they are edited: whose account a login is by host, path and form, and its address ranges. */
import type { Organisation, OrganisationForm } from '@sealpost/shared/opened/client/api/organisations';
import type { ExposureRule } from '@sealpost/shared/opened/finding/exposure-rules';
import { LOGIN_FORMS } from '@sealpost/shared/opened/finding/finding';
import type { Exposure, LoginForm } from '@sealpost/shared/opened/finding/finding';

/** Beside the forms of logins: a pattern of its own, as in the watch terms. */
export const LOGIN_CHOICES = [...LOGIN_FORMS, 'pattern'] as const;
export type LoginChoice = LoginForm | 'pattern';

export class RuleDraft {
  host = $state('');
  path = $state('');
  login = $state<LoginChoice>('any');
  pattern = $state('');
  exposure = $state<Exposure>('customer');

  constructor(rule: ExposureRule | null) {
    if (rule === null) return;
    this.host = rule.host;
    this.path = rule.path;
    this.login = typeof rule.login === 'string' ? rule.login : 'pattern';
    this.pattern = typeof rule.login === 'string' ? '' : rule.login.pattern;
    this.exposure = rule.exposure;
  }

  toRule(): ExposureRule {
    const { login, exposure } = this;
    const pattern = this.pattern.trim();
    return {
      host: this.host.trim(),
      path: this.path.trim(),
      login: login === 'pattern' ? { pattern } : login,
      exposure,
    };
  }
}

export class RulesDraft {
  readonly organisation: Organisation;
  rules = $state.raw<readonly RuleDraft[]>([]);
  /** One range a line. */
  networks = $state('');

  constructor(organisation: Organisation) {
    this.organisation = organisation;
    this.rules = (organisation.exposureRules ?? []).map((rule) => new RuleDraft(rule));
    this.networks = (organisation.networks ?? []).join('\n');
  }

  add(): void {
    this.rules = [...this.rules, new RuleDraft(null)];
  }

  remove(rule: RuleDraft): void {
    this.rules = this.rules.filter((other) => other !== rule);
  }

  toForm(): OrganisationForm {
    const { nameTh, nameEn, type, sector, parent, province } = this.organisation;
    const { domains, exclude, keywords, patterns = [], contacts } = this.organisation;
    return {
      ...{ nameTh, nameEn, type, sector, parent, province, domains, exclude, keywords, patterns, contacts },
      exposureRules: this.rules.map((rule) => rule.toRule()),
      networks: this.networks.split(/[\s,]+/).filter((range) => range !== ''),
    };
  }
}
