import { expect, test } from 'vitest';
import { parseOrganisationsCsv } from '@sealpost/shared/opened/client/organisations-csv';
import { CSV_TEMPLATE } from './template.ts';

test('the template can be imported as it stands', () => {
  const parsed = parseOrganisationsCsv(new TextEncoder().encode(CSV_TEMPLATE));
  expect(parsed.ok && parsed.value.map(({ nameEn, domains, exclude }) => ({ nameEn, domains, exclude }))).toEqual([
    {
      nameEn: 'Department of Example Education',
      domains: ['edu-dept.example', 'mail.edu-dept.example'],
      exclude: [],
    },
    { nameEn: 'Example University', domains: ['university.example'], exclude: ['alumni.university.example'] },
  ]);
});
