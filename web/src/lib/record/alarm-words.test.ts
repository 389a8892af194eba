import { expect, it } from 'vitest';
import { checkpointFacts } from './alarm-words.ts';

it('a signed note tells entries and the beginning of its root; anything else tells nothing', () => {
  const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
  expect(checkpointFacts(`log.example\n20852163\n${root}\n\n— log.example AAAA\n`)).toEqual({
    entries: 20_852_163,
    fingerprint: 'CsUYapGG',
  });
  for (const other of [null, 7, '', 'log.example\nmany\nroot\n', `log.example\n-1\n${root}\n`, 'a\n5\n<b>\n']) {
    expect(checkpointFacts(other)).toBeNull();
  }
});
