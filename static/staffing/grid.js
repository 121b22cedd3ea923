// The week's grid: who is planned for the half hour under the pointer, or under the arrow keys.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

for (const table of document.querySelectorAll(".grid")) openGrid(table);

function openGrid(table) {
  const detail = table.closest(".client").querySelector(".detail");
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td")]);
  let current = rows[0][0];
  current.tabIndex = 0;

  function tell(cell) {
    const day = cell.parentElement.querySelector("th").dataset.day;
    detail.textContent = `${day}, ${cell.dataset.time}: ${who(cell)}`;
  }

  function who(cell) {
    if (cell.classList.contains("is-skipped")) return table.dataset.skipped;
    if (cell.classList.contains("is-closed")) return table.dataset.closed;
    const names = cell.dataset.names ?? table.dataset.nobody;
    return cell.dataset.waiting ? `${names}; ${table.dataset.untrained} ${cell.dataset.waiting}` : names;
  }

  function place(cell) {
    const row = rows.findIndex((cells) => cells.includes(cell));
    return [row, rows[row].indexOf(cell)];
  }

  function go(cell) {
    current.tabIndex = -1;
    current = cell;
    current.tabIndex = 0;
    current.focus();
  }

  table.addEventListener("pointerover", (event) => {
    const cell = event.target.closest("tbody td");
    if (cell) tell(cell);
  });
  table.addEventListener("focusin", (event) => tell(event.target));
  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = place(current);
    const next = rows[row + step[0]]?.[column + step[1]];
    if (next) go(next);
  });
}
