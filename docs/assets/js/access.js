// The theme adds parts to a page after it has loaded; this gives them what a keyboard and a screen
// reader need.  Nothing on the page depends on it.
(() => {
  const mend = () => {
    // a landmark for every block of code would drown the real ones
    document.querySelectorAll("nav.md-code__nav:not([role])")
      .forEach((nav) => nav.setAttribute("role", "none"));
    // a wide table can be scrolled by keyboard
    document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")
      .forEach((wrap) => { wrap.tabIndex = 0; });
  };
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
  mend();
})();
