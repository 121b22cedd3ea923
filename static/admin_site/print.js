// The button that prints the page. It is there only where it works.

const button = document.querySelector(".print-button");
button.hidden = false;
button.addEventListener("click", () => window.print());
