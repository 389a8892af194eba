/** First contentful paint of the built app. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium, serveFolder } from './browser.ts';
import type { Bench } from './measure-own.ts';
import { median } from './report.ts';

const APP = join(import.meta.dirname, '..', '..', '..', 'web', 'build');
const RUNS = 5;

/** On a fresh page, median of five. */
export async function measureFirstPaint({ report, folder }: Bench): Promise<void> {
  if (!existsSync(join(APP, 'index.html'))) {
    report.progress('first_paint_ms: web/build is missing, build the app first');
    return;
  }
  const app = await serveFolder(APP);
  const context = await launchChromium(join(folder, 'paint'));
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const page = await context.newPage();
    await page.goto(app.url);
    const paint = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            const first = list.getEntriesByName('first-contentful-paint')[0];
            if (first) resolve(first.startTime);
          }).observe({ type: 'paint', buffered: true });
        }),
    );
    times.push(paint);
    await page.close();
  }
  await context.close();
  app.close();
  report.print('first_paint_ms', median(times));
}
