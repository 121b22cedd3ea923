// An invitation's link: its token leaves the address and is posted, so that no log and no history keeps it.

const form = document.querySelector("[data-invitation]");
const token = location.hash.slice(1);

if (token) {
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.querySelector("[data-without]").hidden = true;
  form.querySelector("[data-opening]").hidden = false;
  form.submit();
}
