import type { BoardData } from '@foyer/contracts';
import { countdownBoard } from './countdown.ts';
import { doorBoard } from './door.ts';
import { make, type BoardView } from './dom.ts';
import { Fitter } from './fit.ts';
import { menuBoard } from './menu.ts';
import { promotionBoard } from './promotion.ts';
import { queueBoard } from './queue.ts';
import { showtimesBoard } from './showtimes.ts';
import { wayfindingBoard } from './wayfinding.ts';

type DrawnBoard = Exclude<BoardData['board'], 'template'>;
type ModelOf<B extends DrawnBoard> = BoardData & { board: B };
type Views = { [B in DrawnBoard]: BoardView<ModelOf<B>> };

const makers: { [B in DrawnBoard]: () => BoardView<ModelOf<B>> } = {
  showtimes: showtimesBoard,
  door: doorBoard,
  wayfinding: wayfindingBoard,
  queue: queueBoard,
  menu: menuBoard,
  promotion: promotionBoard,
  countdown: countdownBoard,
};

/** The boards of one layer: each is made when it is first drawn, and used again ever after. */
export class BoardSet {
  readonly element = make('div', 'boards');
  readonly #views: Partial<Views> = {};
  readonly #fitter = new Fitter();

  /** Draws a board into `element`, in the place of whichever was there. */
  draw(model: BoardData): void {
    if (model.board === 'template') return;
    const view = this.#viewOf(model.board);
    if (this.element.firstElementChild !== view.element) this.element.replaceChildren(view.element);
    view.update(model);
    this.#fitter.fitAll(view.element);
  }

  #viewOf<B extends DrawnBoard>(board: B): BoardView<BoardData> {
    const views: { [K in DrawnBoard]?: BoardView<ModelOf<K>> } = this.#views;
    views[board] ??= makers[board]() as Views[B];
    return views[board] as unknown as BoardView<BoardData>;
  }
}
