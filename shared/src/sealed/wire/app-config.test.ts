import { describe, expect, it } from 'vitest';
import { parseAppConfig } from './app-config.ts';

describe('where the app finds the API', () => {
  it('is an origin in its one spelling, or its own', () => {
    expect(parseAppConfig('{"api":"https://api.example"}')).toEqual({ api: 'https://api.example' });
    expect(parseAppConfig('{"api":"http://localhost:8787"}')).toEqual({ api: 'http://localhost:8787' });
    expect(parseAppConfig('{"api":null}')).toEqual({ api: null });
  });

  it.each([
    '',
    '<!doctype html>',
    'null',
    '[]',
    '{}',
    '{"api":1}',
    '{"api":"https://api.example/"}',
    '{"api":"https://API.example"}',
    '{"api":"https://api.example/v1"}',
    '{"api":"https://u:p@api.example"}',
    '{"api":"javascript:alert(1)"}',
    '{"api":"https://api.example","also":1}',
    '{"api":"https://api.example","api":null}',
  ])('is not read from %j', (text) => {
    expect(parseAppConfig(text)).toBeNull();
  });
});
