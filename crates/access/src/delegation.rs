use crate::context::Identity;
use crate::post::{Post, PostKind};
use jiff::Timestamp;
use ui::Lang;
use uuid::Uuid;

/// How somebody acts for the holder of a post; the wording of signatures follows Decree 30/2020/NĐ-CP, article 13 and annex I.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DelegationKind {
    /// Ký thay: a deputy signs for the head.
    Kt,
    /// Thừa lệnh: the head of a part of the organisation signs by order.
    Tl,
    /// Thừa ủy quyền: the head of a subordinate organisation signs under an authority that is limited in time and matter.
    Tuq,
    /// Làm thay: a colleague does the work of somebody on leave, without signing for a head.
    Cover,
}

impl DelegationKind {
    /// All kinds.
    pub const ALL: [DelegationKind; 4] = [DelegationKind::Kt, DelegationKind::Tl, DelegationKind::Tuq, DelegationKind::Cover];

    /// The word in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            DelegationKind::Kt => "kt",
            DelegationKind::Tl => "tl",
            DelegationKind::Tuq => "tuq",
            DelegationKind::Cover => "cover",
        }
    }

    /// Reads [`DelegationKind::as_str`].
    pub fn parse(text: &str) -> Option<DelegationKind> {
        DelegationKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The name on the screen.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            DelegationKind::Kt => lang.t("ký thay", "signing for (KT.)"),
            DelegationKind::Tl => lang.t("thừa lệnh", "by order (TL.)"),
            DelegationKind::Tuq => lang.t("thừa ủy quyền", "by authority (TUQ.)"),
            DelegationKind::Cover => lang.t("làm thay", "standing in"),
        }
    }

    /// What stands before the title of the one signed for; empty for [`DelegationKind::Cover`].
    pub fn mark(self) -> &'static str {
        match self {
            DelegationKind::Kt => "KT.",
            DelegationKind::Tl => "TL.",
            DelegationKind::Tuq => "TUQ.",
            DelegationKind::Cover => "",
        }
    }

    /// Whether the holder of `to` may act so for the holder of `of`; `below` says that the organisation of `to` lies directly
    /// below that of `of`.
    pub fn fits(self, of: &Post, to: &Post, below: bool) -> bool {
        let same = of.organisation == to.organisation;
        match self {
            DelegationKind::Kt => same && of.kind == PostKind::Head && to.kind == PostKind::Deputy,
            DelegationKind::Tl | DelegationKind::Tuq => below && of.kind == PostKind::Head && to.kind == PostKind::Head,
            DelegationKind::Cover => same && !matches!(of.kind, PostKind::Head | PostKind::Deputy),
        }
    }
}

/// For whom somebody acts, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behalf {
    /// The delegation.
    pub delegation: Uuid,
    /// How.
    pub kind: DelegationKind,
    /// Who holds the post.
    pub holder: Uuid,
    /// Name of the holder.
    pub holder_name: String,
    /// The instant at which it is over.
    pub until: Timestamp,
    /// Number of the document that delegates.
    pub document: String,
    /// Title of the one who acts, in his own post; empty when he has none any more.
    pub own_title: String,
}

/// The lines above a signature. `collective` is the name of the body signed for (`Ủy ban nhân dân`), for documents that the
/// whole body answers for.
///
/// `TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH`
pub fn signature(identity: &Identity, collective: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(body) = collective {
        lines.push(format!("TM. {}", body.to_uppercase()));
    }
    let title = identity.post.title.to_uppercase();
    match &identity.behalf {
        Some(behalf) if !behalf.kind.mark().is_empty() => {
            lines.push(format!("{} {title}", behalf.kind.mark()));
            lines.push(behalf.own_title.to_uppercase());
        }
        _ => lines.push(title),
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(n: u128, kind: PostKind, title: &str, organisation: u128) -> Post {
        Post {
            id: Uuid::from_u128(n),
            kind,
            title: title.into(),
            organisation: Uuid::from_u128(organisation),
            organisation_name: String::new(),
            abbreviation: String::new(),
            organisation_kind: "people-committee".into(),
            unit: Uuid::nil(),
        }
    }

    #[test]
    fn signatures_read_as_the_decree_wants() {
        let chair = post(1, PostKind::Head, "Chủ tịch", 1);
        let own = Identity { post: chair.clone(), behalf: None };
        assert_eq!(signature(&own, Some("Ủy ban nhân dân")), ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]);
        let behalf = |kind, own_title: &str| Identity {
            post: chair.clone(),
            behalf: Some(Behalf {
                delegation: Uuid::nil(),
                kind,
                holder: Uuid::nil(),
                holder_name: String::new(),
                until: Timestamp::UNIX_EPOCH,
                document: "12/QĐ-UBND".into(),
                own_title: own_title.into(),
            }),
        };
        assert_eq!(signature(&behalf(DelegationKind::Kt, "Phó Chủ tịch"), Some("Ủy ban nhân dân")), ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]);
        assert_eq!(signature(&behalf(DelegationKind::Tl, "Chánh Văn phòng"), None), ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]);
        assert_eq!(signature(&behalf(DelegationKind::Tuq, "Giám đốc"), None), ["TUQ. CHỦ TỊCH", "GIÁM ĐỐC"]);
    }

    #[test]
    fn each_kind_wants_its_pair_of_posts() {
        let chair = post(1, PostKind::Head, "Chủ tịch", 1);
        let deputy = post(2, PostKind::Deputy, "Phó Chủ tịch", 1);
        let office = post(3, PostKind::Head, "Chánh Văn phòng", 2);
        let clerk = post(4, PostKind::Clerk, "Văn thư", 2);
        let officer = post(5, PostKind::Officer, "Chuyên viên", 2);
        assert!(DelegationKind::Kt.fits(&chair, &deputy, false) && !DelegationKind::Kt.fits(&chair, &office, true));
        assert!(!DelegationKind::Kt.fits(&deputy, &chair, false));
        assert!(DelegationKind::Tl.fits(&chair, &office, true) && !DelegationKind::Tl.fits(&chair, &office, false));
        assert!(!DelegationKind::Tuq.fits(&chair, &clerk, true) && !DelegationKind::Tl.fits(&chair, &deputy, false));
        assert!(DelegationKind::Cover.fits(&clerk, &officer, false) && !DelegationKind::Cover.fits(&chair, &deputy, false));
        assert!(DelegationKind::ALL.into_iter().all(|kind| DelegationKind::parse(kind.as_str()) == Some(kind)));
    }
}
