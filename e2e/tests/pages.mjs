// The pages of the ground: places, figures, people.
import { look } from "../lib/look.mjs";

export default function pages(gate) {
  look(gate, {
    "": [
      "/", "/sign-in", "/search", "/search?q=phuc+hoa", "/search?q=khongconoinay",
      "/places", "/places?on=2025-06-30", "/places/search?q=thieu+trung", "/places/changes", "/places/@nation", "/places/@province", "/places/@commune", "/places/@province/units",
      "/measures", "/measures/so_htx", "/measures/so_htx?unit=@province&tree=today", "/measures/so_htx?unit=@commune", "/measures/ho_so_mang_xa", "/measures/buoc_chuyen_doi_so",
      "/why?measure=so_htx", "/why?measure=so_htx&unit=@province&tree=today", "/why?measure=so_htx&unit=@commune",
      "/compare", "/compare?measure=so_htx&a=24&b=38", "/completeness", "/completeness?unit=@province",
      "/api/v1/docs", "/khong-co-trang-nay 404",
    ],
    canbo: ["/tasks", "/tasks?view=list", "/tasks/new", "/tasks/import", "/tasks/money", "/tasks/works", "/reports", "/today", "/enter", "/enter/grid?measure=so_htx&unit=@commune", "/enter/submit?unit=@commune&period=2026-Q3", "/evidence?unit=@commune&measure=so_htx&period=2026-Q3", "/evidence/library", "/evidence/library?q=bao+cao&state=expiring", "/intake", "/me", "/me/password", "/queue 403"],
    duyet: ["/tasks", "/tasks?view=owners", "/tasks/money", "/tasks/works", "/reports", "/today", "/queue", "/rounds", "/why?measure=so_htx&unit=@commune"],
    quantri: ["/today", "/admin/audit", "/admin/audit?act=figure&who=hoa", "/admin/accounts", "/admin/accounts/new", "/admin/measures", "/admin/measures/new", "/admin/changes", "/admin/changes/new", "/admin/groups"],
  });
}
