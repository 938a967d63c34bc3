import type { Booking, FeedRow, showSchema } from '@foyer/contracts';
import type { z } from 'zod';

import { ticketSvg } from './image.ts';
import { pageStyle } from './page-style.ts';

export interface TicketPage {
  booking: Booking;
  /** A rotating code dies within a minute: it cannot be printed. */
  rotating: boolean;
  /** Seats by ticket id, in reading order. */
  seats: ReadonlyMap<string, readonly string[]>;
  show: z.infer<typeof showSchema>;
  theatre: FeedRow<'theatre'>;
  film: FeedRow<'film'> | undefined;
  auditorium: Pick<FeedRow<'auditorium'>, 'name' | 'directions'> | undefined;
}

/** Text as HTML shows it. */
function html(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (char) => named[char] ?? char);
}

function formats(timeZone: string) {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options });
  return {
    day: part({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    time: part({ hour: '2-digit', minute: '2-digit' }),
  };
}

function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}

function field(term: string, value: string): string {
  return `<div><dt>${html(term)}</dt><dd>${html(value)}</dd></div>`;
}

async function ticketArticle(page: TicketPage, at: number): Promise<string> {
  const { booking, show, theatre, film, auditorium, rotating } = page;
  const ticket = booking.tickets[at];
  if (ticket === undefined) return '';
  const { day, time } = formats(theatre.timeZone);
  const startsAtMs = show.startsAtMs + show.delayMin * 60_000;
  const doorsMs = startsAtMs - theatre.doorsOpenBeforeMin * 60_000;
  const seats = page.seats.get(ticket.ticketId) ?? [ticket.seat];
  const admits = ticket.entries === 1 ? 'Admits one' : `Admits ${ticket.entries}`;
  const label = `QR code of ticket ${at + 1}, ${seats.join(', ')}`;
  const code = rotating
    ? `<p class="live">This ticket has a code that changes. Open your booking on your phone at the
       entrance: a printout does not open the gate.</p>`
    : `<div class="code" role="img" aria-label="${html(label)}">
       ${await ticketSvg(ticket.code ?? '')}</div>`;
  return `<article aria-labelledby="film-${at}">
  <div class="facts">
    <p class="theatre">${html(theatre.name)}</p>
    <h2 id="film-${at}">${html(film?.title ?? show.filmId)}</h2>
    <p class="when"><time datetime="${new Date(startsAtMs).toISOString()}"
      >${html(day.format(startsAtMs))}<span> · </span
      ><strong>${time.format(startsAtMs)}</strong></time></p>
    <dl>
      ${field('Auditorium', auditorium?.name ?? show.auditorium)}
      ${field(seats.length === 1 ? 'Seat' : 'Seats', seats.join(', '))}
      ${field('Doors open', time.format(doorsMs))}
      ${film === undefined ? '' : field('Rating', film.rating)}
    </dl>
    <p class="way">${html(auditorium?.directions ?? '')}</p>
  </div>
  <div class="stub">
    ${code}
    <p class="admits">${admits}</p>
    <p class="ref"><span>Booking</span> ${html(booking.bookingRef)}</p>
    <p class="number">Ticket ${at + 1} of ${booking.tickets.length}</p>
  </div>
</article>`;
}

/** The e-tickets of a confirmed booking as a page of its own, to read on a screen or to print. */
export async function ticketsPage(page: TicketPage): Promise<string> {
  const { booking, theatre } = page;
  const articles = await Promise.all(booking.tickets.map((_, at) => ticketArticle(page, at)));
  const count = booking.tickets.length;
  const title = `${count === 1 ? 'Your ticket' : `Your ${count} tickets`} · ${theatre.name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
  <h1>${count === 1 ? 'Your ticket' : `Your ${count} tickets`}</h1>
  <p>Booking <strong>${html(booking.bookingRef)}</strong> · paid
    ${html(money(booking.total.amountMinor, booking.total.currency))}</p>
</header>
<main>
${articles.join('\n')}
</main>
<footer>
  <p>Hold the code flat before the reader, on paper or on a bright screen. Each code opens the
  gate once for each guest that it admits: who shows a copy first goes in.</p>
</footer>
</body>
</html>
`;
}
