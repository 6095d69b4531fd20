/** Writes an evidence pack for people. It has a file of its own, because `pdfkit` is loaded with the first PDF only. */
import PDFDocument from 'pdfkit';
import type { ClaimState } from '../trust/claim-states';
import type { Evidence } from './collect';

const PAGE = { size: 'A4', margin: 56 } as const;
const FONTS = { text: 'Helvetica', bold: 'Helvetica-Bold', code: 'Courier' } as const;
const GREY = '#555555';

const STATES: Readonly<Record<ClaimState, string>> = {
  holds: 'Holds now',
  not_checkable: 'Ensured by tests',
  does_not_hold: 'DOES NOT HOLD',
};

/**
 * The fonts that every PDF reader brings along have the characters of Windows-1252 only. Others are shown as `?`. The JSON
 * has them.
 */
const readable = (text: string): string =>
  text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[^\u0020-\u00ff‘’“”–—…·•→]/gu, '?')
    .replaceAll('→', '->');

/** Writes the tagged text of a document, so that screen readers find its headings. */
class Writer {
  readonly doc: PDFKit.PDFDocument;

  constructor(title: string, created: Date) {
    this.doc = new PDFDocument({
      ...PAGE,
      bufferPages: true,
      lang: 'en',
      tagged: true,
      displayTitle: true,
      info: { Title: title, Creator: 'PulseStream', CreationDate: created, ModDate: created },
    });
  }

  private write(tag: string, font: keyof typeof FONTS, size: number, color: string, text: string): void {
    const { doc } = this;
    doc.addStructure(
      doc.struct(tag, {}, () => {
        doc.font(FONTS[font]).fontSize(size).fillColor(color).text(readable(text), { lineGap: 2 });
      }),
    );
  }

  title(text: string): void {
    this.write('H1', 'bold', 20, 'black', text);
    this.doc.moveDown(0.4);
  }

  heading(text: string): void {
    // A heading at the foot of a page belongs to the next one.
    if (this.doc.y > this.doc.page.height - 120) this.doc.addPage();
    this.doc.moveDown(0.9);
    this.write('H2', 'bold', 13, 'black', text);
    this.doc.moveDown(0.25);
  }

  /** Writes the first line of a paragraph, on the same page as the next lines. */
  bold(text: string): void {
    if (this.doc.y > this.doc.page.height - 110) this.doc.addPage();
    this.write('P', 'bold', 9.5, 'black', text);
  }

  line(text: string): void {
    this.write('P', 'text', 9.5, 'black', text);
  }

  note(text: string): void {
    this.write('P', 'text', 8.5, GREY, text);
  }

  code(text: string): void {
    this.write('P', 'code', 8, 'black', text);
  }

  gap(): void {
    this.doc.moveDown(0.4);
  }

  /** Numbers the pages, and returns the document's bytes. */
  async end(foot: string): Promise<Buffer> {
    const { doc } = this;
    const { start, count } = doc.bufferedPageRange();
    for (let page = start; page < start + count; page++) {
      doc.switchToPage(page);
      doc.page.margins.bottom = 0;
      doc
        .font(FONTS.text)
        .fontSize(7.5)
        .fillColor(GREY)
        .text(readable(`${foot} · page ${page + 1} of ${count}`), PAGE.margin, doc.page.height - 36);
    }
    const chunks: Buffer[] = [];
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise((resolve, reject) => doc.on('end', resolve).on('error', reject));
    doc.end();
    await ended;
    const bytes = Buffer.concat(chunks);
    return bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
  }
}

const count = (n: number) => n.toLocaleString('en');
const stated = (text: string | null) => text ?? 'not stated by the operator';
const minute = (time: string) => `${time.slice(0, 16).replace('T', ' ')} UTC`;

/** Returns an evidence pack as a PDF without its signature. */
export async function renderPdf(evidence: Evidence, keyId: string): Promise<Buffer> {
  const { workspace, app, audit_log: log, period, stored, operator } = evidence;
  const title = `Evidence pack: ${workspace.slug}`;
  const writer = new Writer(title, new Date(evidence.issued_at));
  writer.title(title);
  writer.line(`Workspace ${workspace.name} (${workspace.slug}) at ${evidence.issuer}`);
  writer.line(
    `Issued ${minute(evidence.issued_at)}, version ${evidence.version}, environment ${evidence.environment}`,
  );
  writer.note(
    'Signed by this service. The last section says how to check the signature offline. The JSON of a pack has the same facts for programs.',
  );

  writer.heading('The App, as GitHub reports it');
  writer.line(`App id ${app.id}`);
  writer.line(
    app.permissions === null
      ? 'GitHub did not respond.'
      : `Permissions: ${Object.entries(app.permissions)
          .map(([name, access]) => `${name}: ${access}`)
          .join(', ')}, reported ${minute(app.reported_at ?? '')}`,
  );

  writer.heading('Audit log');
  writer.line(
    log.intact
      ? `Intact: ${count(log.events)} events${log.archived === 0 ? '' : `, the first ${count(log.archived)} of them in archives`}.`
      : `BROKEN at event ${count(log.first_bad ?? 0)}.`,
  );
  writer.line('Head hash:');
  writer.code(log.head_hash);

  writer.heading('Tokens issued and refused');
  writer.line(
    `${period.from} to ${period.to}, in UTC: ${count(period.minted)} issued, ${count(period.denied)} refused${period.complete ? '' : ' at least'}.`,
  );
  for (const { day, minted, denied } of period.days)
    if (minted + denied > 0) writer.note(`${day}: ${count(minted)} issued, ${count(denied)} refused`);

  writer.heading('Claims');
  for (const claim of evidence.claims) {
    writer.bold(`${claim.promise} ${STATES[claim.state]}.`);
    writer.note(claim.evidence);
    if (claim.limit !== null) writer.note(`Limit: ${claim.limit}`);
    writer.gap();
  }

  writer.heading('Columns that hold data from GitHub');
  for (const { name, columns } of stored.tables) writer.line(`${name}: ${columns.join(', ')}`);
  writer.note(`Columns that are on no list: ${stored.undeclared.join(', ') || 'none'}.`);
  writer.note(`Columns that are named like a secret: ${stored.named_like_a_secret.join(', ') || 'none'}.`);

  writer.heading('Operator');
  writer.line(`Hosting: ${stated(operator.hosting)}`);
  writer.line(`Deletion: ${stated(operator.deletion)}`);
  writer.line(`Contact: ${stated(operator.contact)}`);
  writer.line(`Vulnerabilities: ${stated(operator.security_contact)}`);
  for (const { what, kept } of operator.retention) writer.line(`${what}: ${kept}`);

  writer.heading('Check this file');
  writer.line('With OpenSSL 3, without this service once you have its key:');
  writer.code(`curl -o keys.pem ${evidence.issuer}/.well-known/evidence-keys.pem`);
  writer.code("LC_ALL=C sed '$d' evidence.pdf > signed");
  writer.code("LC_ALL=C sed -n '$s/.*Ed25519=//p' evidence.pdf | openssl base64 -d -A > signature");
  writer.code('openssl pkeyutl -verify -rawin -pubin -inkey keys.pem -in signed -sigfile signature');
  writer.line('The key has this id, the SHA-256 of its DER:');
  writer.code(keyId);
  return writer.end(`${title} · ${minute(evidence.issued_at)}`);
}
