use crate::organisation::{Body, OrganisationKind};
use ui::Lang;
use uuid::Uuid;

/// What a post does in its organisation, whatever its title is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PostKind {
    /// Leads the organisation: chairman, director, chief of office.
    Head,
    /// Stands in for the head.
    Deputy,
    /// Keeps the registers of documents and the seal (văn thư).
    Clerk,
    /// Works on dossiers (chuyên viên).
    Officer,
    /// Judges the dossiers of others (thẩm định).
    Appraiser,
    /// Leads a village.
    VillageHead,
    /// Sits on it: a councillor, a member of a team.
    Member,
}

impl PostKind {
    /// All kinds, in the order in which people are listed.
    pub const ALL: [PostKind; 7] =
        [PostKind::Head, PostKind::Deputy, PostKind::Clerk, PostKind::Officer, PostKind::Appraiser, PostKind::VillageHead, PostKind::Member];

    /// The word in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            PostKind::Head => "head",
            PostKind::Deputy => "deputy",
            PostKind::Clerk => "clerk",
            PostKind::Officer => "officer",
            PostKind::Appraiser => "appraiser",
            PostKind::VillageHead => "village-head",
            PostKind::Member => "member",
        }
    }

    /// Reads [`PostKind::as_str`].
    pub fn parse(text: &str) -> Option<PostKind> {
        PostKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The name on the screen.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            PostKind::Head => lang.t("người đứng đầu", "head"),
            PostKind::Deputy => lang.t("cấp phó", "deputy"),
            PostKind::Clerk => lang.t("văn thư", "clerk"),
            PostKind::Officer => lang.t("chuyên viên", "officer"),
            PostKind::Appraiser => lang.t("thẩm định", "appraiser"),
            PostKind::VillageHead => lang.t("trưởng thôn", "village head"),
            PostKind::Member => lang.t("thành viên", "member"),
        }
    }
}

/// A post as somebody acts in it: what [`crate::Context::post`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The post.
    pub id: Uuid,
    /// What it does.
    pub kind: PostKind,
    /// Title in its organisation, such as `Chủ tịch`.
    pub title: String,
    /// The organisation.
    pub organisation: Uuid,
    /// Its name today.
    pub organisation_name: String,
    /// Its short form in document numbers, such as `UBND`; may be empty.
    pub abbreviation: String,
    /// Code of its kind, see [`OrganisationKind`].
    pub organisation_kind: String,
    /// The place it belongs to.
    pub unit: Uuid,
}

impl Post {
    /// On whose side its organisation stands; `None` for a kind that the facts no longer know.
    pub fn body(&self) -> Option<Body> {
        OrganisationKind::coded(&self.organisation_kind).map(|kind| kind.body)
    }

    /// `Chủ tịch · Ủy ban nhân dân xã Phúc Hòa`.
    pub fn label(&self) -> String {
        format!("{} · {}", self.title, self.organisation_name)
    }
}
