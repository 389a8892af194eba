/** Numbers, dates and amounts as people of one language read them: Bangkok time, the Buddhist era in Thai. */
import type { Language } from '#lib/state/preferences.ts';

const ZONE = 'Asia/Bangkok';
const LOCALE = { th: 'th-TH-u-ca-buddhist-nu-latn', en: 'en-GB' } as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export class Formats {
  readonly locale: string;
  readonly #number: Intl.NumberFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #shortDate: Intl.DateTimeFormat;
  readonly #axisDate: Intl.DateTimeFormat;
  readonly #dateTime: Intl.DateTimeFormat;
  readonly #time: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #list: Intl.ListFormat;
  readonly #units: (unit: string, digits: number) => Intl.NumberFormat;

  constructor(language: Language) {
    const locale = LOCALE[language];
    this.locale = locale;
    this.#number = new Intl.NumberFormat(locale);
    this.#date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: ZONE });
    this.#shortDate = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: ZONE });
    this.#axisDate = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: ZONE });
    this.#dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: ZONE });
    this.#time = new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: ZONE });
    this.#relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' });
    this.#list = new Intl.ListFormat(locale, { type: 'conjunction' });
    const cache = new Map<string, Intl.NumberFormat>();
    this.#units = (unit, digits) => {
      const key = `${unit} ${digits}`;
      let format = cache.get(key);
      if (!format) {
        const style = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits } as const;
        format = new Intl.NumberFormat(locale, style);
        cache.set(key, format);
      }
      return format;
    };
  }

  number(value: number): string {
    return this.#number.format(value);
  }

  /** `12 Mar 2026`, `12 มี.ค. 2569`. */
  date(ms: number): string {
    return this.#date.format(ms);
  }

  /** `12 Mar`, for axes. */
  shortDate(ms: number): string {
    return this.#shortDate.format(ms);
  }

  /** `Mar 2026`, `มี.ค. 2569`, for axes over years. */
  axisDate(ms: number): string {
    return this.#axisDate.format(ms);
  }

  dateTime(ms: number): string {
    return this.#dateTime.format(ms);
  }

  time(ms: number): string {
    return this.#time.format(ms);
  }

  /** `3 hours ago`; beyond a year still in years, because an old leak is read by its age. */
  relative(ms: number, nowMs: number): string {
    const distance = ms - nowMs;
    const size = Math.abs(distance);
    const say = (amount: number, unit: Intl.RelativeTimeFormatUnit) => this.#relative.format(Math.round(amount), unit);
    if (size < 45_000) return say(0, 'second');
    if (size < 55 * MINUTE) return say(distance / MINUTE, 'minute');
    if (size < 22 * HOUR) return say(distance / HOUR, 'hour');
    if (size < 26 * DAY) return say(distance / DAY, 'day');
    if (size < 320 * DAY) return say(distance / (30.44 * DAY), 'month');
    return say(distance / (365.25 * DAY), 'year');
  }

  /** The age alone, short enough for a table cell: `3 hr`, `12 d`, `4 mo`, `2 y`. */
  age(ms: number, nowMs: number): string {
    return this.duration(Math.max(0, nowMs - ms));
  }

  /** A length of time in its largest fitting unit. */
  duration(ms: number): string {
    if (ms < HOUR) return this.#units('minute', 0).format(Math.round(ms / MINUTE));
    if (ms < 2 * DAY) return this.#units('hour', 0).format(Math.round(ms / HOUR));
    if (ms < 60 * DAY) return this.#units('day', 0).format(Math.round(ms / DAY));
    if (ms < 700 * DAY) return this.#units('month', 0).format(Math.round(ms / (30.44 * DAY)));
    return this.#units('year', 1).format(ms / (365.25 * DAY));
  }

  /** A short wait: `8 sec`, `3 min`. */
  seconds(ms: number): string {
    return ms < 90_000 ? this.#units('second', 0).format(Math.ceil(ms / 1000)) : this.duration(ms);
  }

  bytes(bytes: number): string {
    if (bytes < 1000) return this.#units('byte', 0).format(bytes);
    if (bytes < 1_000_000) return this.#units('kilobyte', 0).format(bytes / 1000);
    if (bytes < 1_000_000_000) return this.#units('megabyte', bytes < 10_000_000 ? 1 : 0).format(bytes / 1_000_000);
    return this.#units('gigabyte', 1).format(bytes / 1_000_000_000);
  }

  percent(ratio: number): string {
    return new Intl.NumberFormat(this.locale, { style: 'percent', maximumFractionDigits: 0 }).format(ratio);
  }

  list(parts: readonly string[]): string {
    return this.#list.format(parts);
  }
}
