/** Watch terms: what organisations are recognised by, previews, suggestions, versions. */

/** Amounts come as text, already in the reader's figures. */
const records = (n: string) => (n === '1' ? '1 record' : `${n} records`);

export const watch = {
  title: 'Watch terms',
  today: (terms: string, orgs: string) =>
    `${terms === '1' ? '1 term' : `${terms} terms`} watched for ${orgs === '1' ? '1 organisation' : `${orgs} organisations`}.`,
  todayUnwatched: (n: string) =>
    n === '1'
      ? '1 domain is seen often and nobody watches it.'
      : `${n} domains are seen often and nobody watches them.`,
  empty: 'Nothing is watched yet.',
  emptyNext: 'List organisations with their domains. What leaks of them is found by these terms.',
  tabs: { terms: 'Terms', suggestions: 'Seen often' },
  columns: { others: 'Keywords and patterns', changed: 'Changed' },
  more: (n: string) => `and ${n} more`,
  edit: 'Change',
  editTitle: (name: string) => `Terms of ${name}`,
  keyword: (n: number) => `Keyword ${n}`,
  keywordsHint: 'Three letters or more. What only a keyword hits is published after you confirm it.',
  addKeyword: 'Add a keyword',
  removeKeyword: 'Remove the keyword',
  scope: 'Where',
  scopes: { anywhere: 'Anywhere', login: 'In the login', host: 'In the host' },
  approve: 'Put in force',
  approveUnseen: 'Put in force unseen',
  saved: 'The terms are in force',
  preview: {
    action: 'See what they hit',
    again: 'Look again',
    running: 'Reading the last load',
    outdated: 'The terms have changed since. Look again.',
    choose: 'The preview reads the last load once more. Choose the same files; they are known by their content.',
    noLoad: 'Nothing was loaded yet, so there is nothing to try the terms on.',
    nothing: 'They hit nothing in the last load',
    nothingNext: 'That may be right. Check the spelling; subdomains are included, other endings are not.',
    added: (n: string, accounts: string) =>
      `They hit ${records(n)} of ${accounts === '1' ? '1 account' : `${accounts} accounts`} that were not hit before`,
    addedNone: 'They hit nothing that was not hit before',
    hits: (n: string, accounts: string) =>
      `In the last load altogether: ${records(n)} of ${accounts === '1' ? '1 account' : `${accounts} accounts`}.`,
    lost: (n: string) => `${records(n)} would no longer be hit.`,
    via: {
      host: (n: string) => `${n} by the service’s host`,
      email: (n: string) => `${n} by the mail address`,
      keyword: (n: string) => `${n} by keyword only`,
      pattern: (n: string) => `${n} by the form of the login only`,
    },
    sharedTitle: 'Others watch a part of this too',
    shared: (n: string, name: string) => `${records(n)} concern ${name} as well`,
    elsewhereTitle: 'Drafts of others would concern this one too',
    elsewhere: (n: string, name: string) =>
      n === '1' ? `1 draft that waits for ${name}` : `${n} drafts that wait for ${name}`,
    elsewhereNext:
      'Terms do not copy them. Discard their load and read its material again: then they are drafted here too.',
    byTerm: 'By term',
    places: 'Where most of them are',
    samples: 'Samples, masked',
    account: 'Account',
    place: 'Host',
    secret: 'Password',
    term: 'Term',
  },
  suggest: {
    lead: 'Named often in the last loads, and no organisation on your list watches them. Mail providers anybody can use are left out.',
    estimate: 'Large loads are counted in part, so numbers are estimates.',
    about: (n: string) => `about ${n}`,
    domain: 'Domain',
    seen: 'Seen',
    loads: 'Loads',
    partly: 'Watched below it',
    watch: 'Watch',
    ignore: 'Ignore',
    ignoredDone: (domain: string) => `${domain} is not suggested any more`,
    ignored: (n: string) => `${n} ignored`,
    unignore: 'Suggest again',
    endings: 'By ending',
    all: 'All',
    noLoads: 'Nothing to suggest yet.',
    noLoadsNext: 'Load leak material; domains that stand in it often and that nobody watches appear here.',
    none: 'Everything seen often is watched.',
    noneNext: 'Domains appear here when a load names them three times or more and no term covers them.',
  },
  whose: {
    title: (domain: string) => `Whose is ${domain}?`,
    lead: 'Next you see what it would hit, before anything is watched.',
    another: 'Another organisation: list it first',
    next: 'Next',
  },
  history: {
    action: 'History',
    title: (name: string) => `Versions of the terms of ${name}`,
    version: (n: number) => `Version ${n}`,
    inForce: 'In force',
    undoes: (n: number) => `goes back to version ${n}`,
    here: 'on this device',
    elsewhere: 'by another operator, or before versions were kept',
    back: 'Go back to this',
    done: (n: number) => `Version ${n} is in force again`,
    pattern: 'Login pattern',
    rule: 'Rule',
    changes: { added: 'Added', removed: 'Taken out' },
  },
};

export type WatchMessages = typeof watch;
