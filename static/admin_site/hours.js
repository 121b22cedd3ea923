// Opening hours' forms: rows that come and go, and countries in the reader's language. Without it the forms work too.

const choice = document.querySelector("[data-choice]");
if (choice) {
  const countries = choice.querySelector("[data-countries]");
  const names = new Intl.DisplayNames(document.documentElement.lang || "en", { type: "region", fallback: "none" });
  const options = [...countries.options].slice(1);
  for (const option of options) option.textContent = names.of(option.value) ?? option.textContent;
  options.sort((one, other) => one.textContent.localeCompare(other.textContent, document.documentElement.lang || "en"));
  countries.append(...options);
  countries.addEventListener("change", () => {
    // The former country's region means nothing in the new one.
    choice.elements.region.value = "";
    choice.requestSubmit();
  });
  choice.elements.region.addEventListener("change", () => choice.requestSubmit());
}

for (const day of document.querySelectorAll("[data-day]")) {
  const add = day.querySelector("[data-add]");
  const rows = day.querySelector(".week-rows");
  const prepare = (row) => {
    const remove = row.querySelector("[data-remove]");
    remove.hidden = false;
    remove.addEventListener("click", () => {
      row.remove();
      add.focus();
    });
  };
  const blank = rows.lastElementChild.cloneNode(true);
  rows.lastElementChild.remove();
  for (const row of rows.children) prepare(row);
  add.hidden = false;
  add.addEventListener("click", () => {
    const row = blank.cloneNode(true);
    prepare(row);
    rows.append(row);
    row.querySelector("input").focus();
  });
}
