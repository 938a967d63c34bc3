/** A board as it is drawn: one element for its whole life, and what it shows. */
export interface BoardView<Model> {
  readonly element: HTMLElement;
  update(model: Model): void;
}

/** An element with its class and children. */
export function make(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/**
 * Text that shrinks until it fits its box; see `fitAll`.
 * @param smallest share of its size that it may shrink to; five eighths when absent
 */
export function fitting(tag: string, className: string, smallest = 0.62): HTMLElement {
  const element = make(tag, className);
  element.dataset.fit = String(smallest);
  return element;
}

/** Changes the text only where it is another, so that nothing is laid out for nothing. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Takes an element out of the picture, or back. */
export function show(element: HTMLElement, isShown: boolean): void {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** A list whose rows are made once and used again. */
export class Rows<Row extends { readonly element: HTMLElement }> {
  readonly #list: HTMLElement;
  readonly #makeRow: () => Row;
  readonly #rows: Row[] = [];

  constructor(list: HTMLElement, makeRow: () => Row) {
    this.#list = list;
    this.#makeRow = makeRow;
  }

  update<Model>(models: readonly Model[], update: (row: Row, model: Model) => void): void {
    models.forEach((model, index) => {
      let row = this.#rows[index];
      if (!row) {
        row = this.#makeRow();
        this.#rows.push(row);
        this.#list.append(row.element);
      }
      show(row.element, true);
      update(row, model);
    });
    for (const row of this.#rows.slice(models.length)) show(row.element, false);
    this.#list.style.setProperty('--rows', String(Math.max(1, models.length)));
  }
}

const svgSpace = 'http://www.w3.org/2000/svg';

/** A drawing of one path in a box of 24 x 24; it takes the colour of the text around it. */
export function icon(path: string, className = 'icon'): SVGSVGElement {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS(svgSpace, 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

/** Changes what an icon shows. */
export function setIcon(svg: SVGSVGElement, path: string): void {
  const shape = svg.firstElementChild;
  if (shape?.getAttribute('d') !== path) shape?.setAttribute('d', path);
}
