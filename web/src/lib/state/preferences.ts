/** What this browser remembers of how its user likes to read: language, theme, density. Nothing about anybody's data. */

export const LANGUAGES = ['th', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const DENSITIES = ['comfortable', 'compact'] as const;
export type Density = (typeof DENSITIES)[number];

const LANGUAGE_KEY = 'sealpost.language';
const THEME_KEY = 'sealpost.theme';
const DENSITY_KEY = 'sealpost.density';
const CHART_KEY = 'sealpost.time-chart';
const IDLE_KEY = 'sealpost.idle-minutes';

/** Storage may be refused by the browser's settings; then nothing is remembered and everything still works. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Refused or full: the choice holds for this page.
  }
}

function oneOf<T extends string>(list: readonly T[], value: string | null): T | null {
  return list.find((item) => item === value) ?? null;
}

/** The chosen language; without a choice English for browsers that ask for it first, else Thai. */
export function rememberedLanguage(): Language {
  const chosen = oneOf(LANGUAGES, read(LANGUAGE_KEY));
  if (chosen) return chosen;
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'th';
}

export function rememberLanguage(language: Language): void {
  write(LANGUAGE_KEY, language);
}

export function rememberedTheme(): Theme {
  return oneOf(THEMES, read(THEME_KEY)) ?? 'system';
}

/** Applies and remembers a theme. */
export function setTheme(theme: Theme): void {
  write(THEME_KEY, theme);
  applyTheme(theme);
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function rememberedDensity(): Density {
  return oneOf(DENSITIES, read(DENSITY_KEY)) ?? 'comfortable';
}

export function rememberDensity(density: Density): void {
  write(DENSITY_KEY, density);
}

/** Whether the time chart is shown; `null` before the first choice. */
export function rememberedChart(): boolean | null {
  const value = read(CHART_KEY);
  return value === null ? null : value === 'shown';
}

export function rememberChart(isShown: boolean): void {
  write(CHART_KEY, isShown ? 'shown' : 'hidden');
}

/** Minutes without activity until the vault locks. */
export const IDLE_MINUTES = [5, 15, 30, 60] as const;
const IDLE_MINUTES_DEFAULT = 15;

export function rememberedIdleMinutes(): number {
  const value = Number(read(IDLE_KEY));
  return IDLE_MINUTES.find((minutes) => minutes === value) ?? IDLE_MINUTES_DEFAULT;
}

export function rememberIdleMinutes(minutes: number): void {
  write(IDLE_KEY, String(minutes));
}
