/** What TypeScript's DOM types lack: the part of Trusted Types that lib/state/workers.ts uses. */

interface TrustedScriptPolicy {
  createScriptURL(url: string): unknown;
}

declare var trustedTypes:
  | {
      createPolicy(name: string, rules: { createScriptURL(url: string): string }): TrustedScriptPolicy;
    }
  | undefined;
