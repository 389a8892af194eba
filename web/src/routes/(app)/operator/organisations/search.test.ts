import { describe, expect, test } from 'vitest';
import type { Organisation } from '@sealpost/shared/opened/client/api/organisations';
import { searchOrganisations } from './search.ts';

function organisation(nameTh: string, nameEn: string, domain: string): Organisation {
  return {
    listId: nameEn,
    nameTh,
    nameEn,
    type: 'state_agency',
    sector: 'others',
    parent: null,
    province: null,
    domains: [domain],
    exclude: [],
    keywords: [],
    contacts: [],
    state: 'listed',
    org: null,
    proofs: [],
    addedAtMs: 0,
    changedAtMs: 0,
    invitedAtMs: null,
    drafts: 0,
    published: 0,
    lastFetchedAtMs: null,
  };
}

const list = [
  organisation('โรงพยาบาลสมมติ', 'Example Hospital', 'hospital.example'),
  organisation('กรมการศึกษาตัวอย่าง', 'Education Department', 'edu.example'),
];
const names = (query: string) => searchOrganisations(list, query).map(({ nameEn }) => nameEn);

describe('searching the constituency', () => {
  test('finds by part of a Thai name, an English name in any case, or a domain', () => {
    expect(names('ศึกษา')).toEqual(['Education Department']);
    expect(names('HOSPITAL')).toEqual(['Example Hospital']);
    expect(names('edu.example')).toEqual(['Education Department']);
  });

  test('wants every word', () => {
    expect(names('example hospital')).toEqual(['Example Hospital']);
    expect(names('hospital edu')).toEqual([]);
  });

  test('without words gives all, in Thai order', () => {
    expect(names('  ')).toEqual(['Education Department', 'Example Hospital']);
  });
});
